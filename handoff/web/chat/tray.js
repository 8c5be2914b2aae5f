/** The place under the messages for *complain* and *end chat*. Not a dialog: quick exit must never be out of reach. */

import { byId } from "/web/shared/text.js";

/** @type {HTMLElement | null} */
let opener = null;

/** @param {string} template @param {HTMLElement} from focus returns here @returns {HTMLElement} */
export function openTray(template, from) {
  const tray = byId("tray");
  opener = from;
  tray.replaceChildren(byId(template).content.cloneNode(true));
  tray.hidden = false;
  tray.querySelector("[data-cancel]").addEventListener("click", closeTray);
  tray.querySelector("textarea, button").focus();
  return tray;
}

export function closeTray() {
  const tray = byId("tray");
  if (tray.hidden) return;
  const hadFocus = tray.contains(document.activeElement);
  tray.hidden = true;
  tray.replaceChildren();
  if (hadFocus) opener?.focus();
  opener = null;
}
