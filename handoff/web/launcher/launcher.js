/**
 * The launcher: one script for a charity's page.
 *
 *   <a data-frontdoor href="https://…/chat/SERVICE">Chat with us</a>
 *   <script src="https://…/web/launcher/launcher.js" data-service="SERVICE" data-exit="https://an-everyday-page" defer></script>
 *
 * The link works without this script. With it, pressing the link opens the chat over the page, in a frame of our own
 * origin, so that no words ever exist in this page. Nothing is asked of the network before the press.
 */
(() => {
  "use strict";
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const service = script?.dataset.service;
  if (!script || !service) return;
  const ours = new URL(script.src).origin;
  const FRAME_MS = 300; // a frame that doesn't answer holds nobody up
  const OPENED_MS = 8000;
  const exitTo = script.dataset.exit || "https://www.bbc.co.uk/weather";
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-frontdoor]"));
  /** @type {HTMLElement | null} */
  let panel = null;
  /** @type {HTMLIFrameElement | null} */
  let frame = null;
  /** @type {HTMLElement | null} where the focus goes back to */
  let opener = null;
  let covered = false;
  let notOpened = 0;

  /** Through the style object, which a page's content policy allows. @param {HTMLElement} node @param {{[name: string]: string}} rules */
  const style = (node, rules) => {
    for (const [name, value] of Object.entries(rules)) node.style.setProperty(name, value);
  };

  /** @param {HTMLElement} from */
  function open(from) {
    opener = from;
    if (!panel) build();
    /** @type {HTMLElement} */ (panel).hidden = false;
    style(/** @type {HTMLElement} */ (panel), { display: "flex" });
    expanded("true");
    frame?.focus();
  }

  function minimise() {
    if (!panel) return;
    panel.hidden = true;
    style(panel, { display: "none" });
    expanded("false");
    opener?.focus();
  }

  /** @param {string} is */
  function expanded(is) {
    for (const link of links) link.setAttribute("aria-expanded", is);
  }

  function build() {
    panel = document.createElement("section");
    panel.setAttribute("aria-label", "Chat");
    style(panel, {
      position: "fixed", right: "0", bottom: "0", width: "min(28rem, 100vw)", height: "min(44rem, 100dvh)",
      "z-index": "2147483647", display: "flex", "flex-direction": "column", background: "Canvas", color: "CanvasText",
      border: "1px solid GrayText", "box-sizing": "border-box",
    });
    const bar = document.createElement("div");
    style(bar, { display: "flex", "justify-content": "flex-end" });
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Minimise";
    style(close, { "min-height": "44px", padding: "0 16px", margin: "2px", font: "inherit" });
    close.addEventListener("click", minimise);
    bar.append(close);
    frame = document.createElement("iframe");
    frame.title = "Chat";
    frame.referrerPolicy = "no-referrer";
    style(frame, { border: "0", flex: "1", width: "100%" });
    frame.addEventListener("load", () => frame?.contentWindow?.postMessage({ frontdoor: "open" }, ours));
    notOpened = window.setTimeout(() => bar.prepend(plainWay()), OPENED_MS);
    frame.src = `${ours}/embed/${encodeURIComponent(service ?? "")}`;
    panel.append(bar, frame);
    document.body.append(panel);
  }

  /** A frame that was not let in, or never came: the link works without it. */
  function plainWay() {
    const link = document.createElement("a");
    link.href = links[0]?.href ?? `${ours}/chat/${service}`;
    link.textContent = "Open the chat in a page of its own";
    style(link, { flex: "1", padding: "12px" });
    return link;
  }

  /** The whole page is covered at once, and goes, in this tab. @param {string} [to] */
  function leave(to = exitTo) {
    cover();
    window.location.replace(to); // the frame stays under the cover until then, to wipe itself
  }

  function cover() {
    if (covered) return;
    covered = true;
    const node = document.createElement("div");
    style(node, { position: "fixed", inset: "0", "z-index": "2147483647", background: "Canvas" });
    document.documentElement.append(node);
  }

  /** From this page the chat must hear of it first: it wipes itself, gives up its place, and answers "exit". */
  function leaveWithChat() {
    cover();
    if (!frame) return leave();
    frame.contentWindow?.postMessage({ frontdoor: "leave" }, ours);
    window.setTimeout(() => leave(), FRAME_MS);
  }

  for (const link of links) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      open(link);
    });
    link.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      open(link);
    });
  }

  window.addEventListener("message", (event) => {
    if (event.origin !== ours || event.source !== frame?.contentWindow) return;
    if (event.data?.frontdoor === "opened") clearTimeout(notOpened);
    if (event.data?.frontdoor === "exit") leave(/^https?:/.test(event.data.to) ? event.data.to : exitTo);
  });

  // Shift three times, each within five seconds, as in the chat itself. Esc does nothing here.
  let presses = 0;
  let last = 0;
  let alone = false;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Shift") alone = alone || !event.repeat;
    else {
      alone = false;
      presses = 0;
    }
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    presses = event.timeStamp - last <= 5000 ? presses + 1 : 1;
    last = event.timeStamp;
    if (presses === 3) leaveWithChat();
  });
})();
