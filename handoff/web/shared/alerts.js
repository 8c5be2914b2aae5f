/** Alerts for staff: on screen at once, read aloud, and there until somebody has seen to them. */

import { byId, el } from "./text.js";

/** @type {Map<string, HTMLElement>} */
const shown = new Map();

/**
 * @param {string} key one alert for each thing
 * @param {string} words
 * @param {{label: string, press: () => void}} [act]
 */
export function alertStaff(key, words, act) {
  if (shown.has(key)) return;
  const seen = el("button", { type: "button" }, "Seen");
  const node = el("div", { class: "alert" }, el("span", {}, words));
  if (act) {
    const button = el("button", { type: "button" }, act.label);
    button.addEventListener("click", () => (act.press(), clearAlert(key)));
    node.append(button);
  }
  seen.addEventListener("click", () => node.remove()); // stays known, so that it doesn't come back at the next frame
  node.append(seen);
  shown.set(key, node);
  byId("alerts").append(node);
}

/** It is over: the next one of this key is news again. @param {string} key */
export function clearAlert(key) {
  shown.get(key)?.remove();
  shown.delete(key);
}

/** @returns {string[]} */
export const alertKeys = () => [...shown.keys()];
