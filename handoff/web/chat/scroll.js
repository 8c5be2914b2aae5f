/** Follows the newest words without ever running past something unread, and never moves a person who is reading back. */

const NEAR = 40; // pixels
const BURST_MS = 1500; // entries that arrive together are read from the first of them

/** @param {HTMLElement} box @param {HTMLElement} newest the button that goes to the end */
export function follow(box, newest) {
  /** @type {HTMLElement | null} */
  let firstNew = null;
  let following = true;
  let mine = false;
  let asked = 0;
  let calm = 0;
  const end = () => box.scrollHeight - box.clientHeight;
  const atEnd = () => box.scrollTop >= end() - NEAR;

  box.addEventListener("scroll", () => {
    if (!firstNew) following = atEnd();
    newest.hidden = atEnd();
  });
  for (const gesture of ["wheel", "touchmove", "keydown"]) {
    box.addEventListener(gesture, () => {
      firstNew = null; // reading back: the person's own place is left alone
      following = atEnd();
    }, { passive: true });
  }
  newest.addEventListener("click", () => {
    box.scrollTop = end();
    box.focus(); // the button goes away; the keyboard stays with the messages
  });

  function settle() {
    asked = 0;
    if (mine) {
      following = true;
      box.scrollTop = end();
    } else if (following && firstNew) box.scrollTop = Math.min(end(), firstNew.offsetTop - 8);
    newest.hidden = atEnd();
    mine = false;
    clearTimeout(calm);
    calm = window.setTimeout(() => {
      firstNew = null;
      following = atEnd();
    }, BURST_MS);
  }

  /** @param {HTMLElement} node @param {boolean} own */
  return function added(node, own) {
    firstNew ??= node;
    mine ||= own;
    asked ||= requestAnimationFrame(settle);
  };
}

/** With a keyboard on the screen, the page keeps to what can be seen, so that the way out is never pushed off. */
export function keepInSight() {
  const seen = window.visualViewport;
  seen?.addEventListener("resize", () => {
    const zoomed = Math.abs(seen.scale - 1) > 0.01;
    document.body.style.setProperty("--visible", zoomed ? "" : `${seen.height}px`);
    if (!zoomed) window.scrollTo(0, 0);
  });
}
