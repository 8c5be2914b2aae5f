/**
 * Leaving quickly (promise 14): cover at once, wipe, tell the server, same tab, nothing to go back to.
 * Shift three times does it too. Not Esc: screen readers, dialogs and full screen use Esc.
 */

const WITHIN_MS = 5000;
const PARENT_MS = 500; // by then the page around us is gone, or it never will be

/**
 * Three presses of Shift alone, each within five seconds of the one before. Capital letters don't count.
 * @param {EventTarget} target @param {() => void} onThird
 */
export function watchShift(target, onThird) {
  let presses = 0;
  let last = 0;
  let alone = false;
  target.addEventListener("keydown", (event) => {
    const key = /** @type {KeyboardEvent} */ (event);
    if (key.key === "Shift") {
      if (!key.repeat) alone = true;
    } else {
      alone = false; // Shift was held for a capital letter
      presses = 0;
    }
  }, true);
  target.addEventListener("keyup", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== "Shift" || !alone) return;
    alone = false;
    presses = event.timeStamp - last <= WITHIN_MS ? presses + 1 : 1;
    last = event.timeStamp;
    if (presses === 3) onThird();
  }, true);
}

/**
 * @param {{to: string, cover: HTMLElement, token: () => string | null, wipe: () => void,
 *   tellParent: (message: object) => boolean}} how `tellParent` is true where a launcher is there to leave with us
 */
export function leaver({ to, cover, token, wipe, tellParent }) {
  return () => {
    cover.hidden = false;
    document.title = "";
    const mine = token();
    if (mine) navigator.sendBeacon("/leave", mine); // staff still see what was said; this page no longer can
    wipe();
    if (tellParent({ frontdoor: "exit", to })) window.setTimeout(() => leavePage(to), PARENT_MS);
    else leavePage(to);
  };
}

/** The whole page, not the frame alone. @param {string} to */
function leavePage(to) {
  try {
    /** @type {Window} */ (window.top).location.replace(to);
  } catch {
    window.location.replace(to); // a page that isn't ours and didn't let us: at least this frame shows nothing
  }
}

/** A page brought back by the Back button shows nothing of ours. @param {() => boolean} left @param {string} to */
export function stayGone(left, to) {
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && left()) window.location.replace(to);
  });
}
