/** Follows the newest words without ever running past something unread, and never moves a person who is reading back. */

import * as words from "./words.js";

const NEAR = 40; // pixels
const BURST_MS = 1500; // entries that arrive together are read from the first of them

/** @param {HTMLElement} box @param {HTMLElement} newest the button that goes to the end */
export function follow(box, newest) {
  /** @type {HTMLElement | null} the first of what has just come: it is never scrolled past */
  let firstNew = null;
  let following = true;
  let asked = 0;
  let calm = 0;
  let advisorBelow = false;
  const end = () => box.scrollHeight - box.clientHeight;
  const atEnd = () => box.scrollTop >= end() - NEAR;

  function readingOn() {
    firstNew = null;
    following = atEnd();
  }

  /** The button stands while something is below; once an advisor's words are, it says so. */
  function point() {
    newest.hidden = atEnd();
    if (newest.hidden) advisorBelow = false;
    newest.classList.toggle("primary", advisorBelow);
    newest.classList.toggle("plain", !advisorBelow);
    newest.firstChild?.replaceWith(advisorBelow ? words.NEW_WORDS : words.NEWEST);
  }

  function settle() {
    asked = 0;
    if (following && firstNew) box.scrollTop = Math.min(end(), firstNew.offsetTop - 8);
    point();
    clearTimeout(calm);
    calm = window.setTimeout(readingOn, BURST_MS);
  }

  box.addEventListener("scroll", () => {
    if (!firstNew) following = atEnd();
    point();
  });
  for (const gesture of ["wheel", "touchmove", "keydown"]) box.addEventListener(gesture, readingOn, { passive: true });
  newest.addEventListener("click", () => {
    box.scrollTop = end();
    box.focus(); // the button goes away; the keyboard stays with the messages
  });

  /** @param {HTMLElement} node @param {boolean} own */
  return function added(node, own) {
    if (own) following = true; // having said something, a person wants to see what comes
    if (own || !firstNew) firstNew = node;
    advisorBelow ||= node.classList.contains("advisor");
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
