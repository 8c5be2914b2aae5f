/** Follows the newest words without ever running past something unread, and never moves a person who is reading back. */

const NEAR = 40; // pixels

/** @param {HTMLElement} box @param {HTMLElement} newest the button that goes to the end */
export function follow(box, newest) {
  /** @type {HTMLElement | null} */
  let firstNew = null;
  let following = true;
  let mine = false;
  let asked = 0;
  const end = () => box.scrollHeight - box.clientHeight;
  const atEnd = () => box.scrollTop >= end() - NEAR;

  box.addEventListener("scroll", () => {
    following = atEnd();
    newest.hidden = following;
  });
  newest.addEventListener("click", () => {
    box.scrollTop = end();
    box.focus(); // the button goes away; the keyboard stays with the messages
  });

  function settle() {
    asked = 0;
    if (mine) box.scrollTop = end();
    else if (following && firstNew) box.scrollTop = Math.min(end(), firstNew.offsetTop - 8);
    newest.hidden = atEnd();
    firstNew = null;
    mine = false;
  }

  /** @param {HTMLElement} node @param {boolean} own */
  return function added(node, own) {
    firstNew ??= node;
    mine ||= own;
    asked ||= requestAnimationFrame(settle);
  };
}
