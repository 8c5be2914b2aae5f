/** Talking with the page around the iframe: only with origins the service lists, only about opening and leaving. */

/** @param {string[]} origins @param {() => void} onOpen @param {() => void} onLeave Shift three times in the page */
export function listenToParent(origins, onOpen, onLeave) {
  /** @type {string | null} */
  let parentOrigin = null;
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || window.parent === window || !origins.includes(event.origin)) return;
    parentOrigin = event.origin;
    if (event.data?.frontdoor === "open") {
      window.parent.postMessage({ frontdoor: "opened" }, parentOrigin);
      onOpen();
    }
    if (event.data?.frontdoor === "leave") onLeave();
  });
  /** Whether a launcher is there to hear it. @param {object} message */
  return function tellParent(message) {
    if (!parentOrigin) return false;
    window.parent.postMessage(message, parentOrigin);
    return true;
  };
}
