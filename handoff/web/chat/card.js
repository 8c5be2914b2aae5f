/** A card: its words, its options as buttons, and *skip* on every one that asks (M2). Only the live card can be answered. */

import { blocks, el } from "/web/shared/text.js";
import { SKIP, YOUR_ANSWER } from "./words.js";

/**
 * @param {{seq: number, text: string, card: {title: string, lang: string, options: {id: string, label: string}[]}}} entry
 * @param {(option: string, label: string) => void} onChoose
 */
export function drawCard(entry, onChoose) {
  const { title, options, lang } = entry.card;
  const card = el("div", { class: "said card", lang });
  if (title) card.append(el("h2", {}, title));
  card.append(blocks(entry.text));
  if (options.length === 0) return card;
  const asks = options.some((option) => option.id === "carry_on") ? options : [...options, { id: "carry_on", label: SKIP }];
  const group = el("div", { class: "options", role: "group", "aria-label": title || "Answers" });
  for (const { id, label } of asks) {
    const button = el("button", { type: "button", "aria-disabled": "true", "data-option": id }, label);
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") onChoose(id, label);
    });
    group.append(button);
  }
  card.append(group);
  return card;
}

/**
 * Buttons stay where they are, so that focus is never lost; they only stop answering.
 * @param {Element | null} node @param {boolean} live
 */
export function setLive(node, live) {
  for (const button of node?.querySelectorAll("[data-option]") ?? []) button.setAttribute("aria-disabled", String(!live));
}

/** The answer given is marked in words, not by colour alone. @param {Element | null} node @param {string | null} option */
export function markChosen(node, option) {
  for (const button of node?.querySelectorAll("[data-option]") ?? []) {
    button.querySelector(".chosen")?.remove();
    if (button.getAttribute("data-option") === option) button.append(el("span", { class: "chosen" }, YOUR_ANSWER));
  }
}
