/** How staff see an entry: who, when, the exact words, and what was found where. */

import { blocks, clock, el } from "./text.js";

const AUTHORS = { person: "Person", bot: "Assistant", service: "Card", advisor: "Advisor" };
const RISK = { immediate: "▲ Danger now", concern: "● Concern" };
export const NOTHING = "Nothing flagged — not an assessment";

/** @param {string} name */
export const plain = (name) => name.replaceAll("_", " ");

/** Risk in words and a sign, never colour alone; never "risk: none". @param {{risk: string, flag_open?: boolean, uncertain?: boolean}} of */
export function riskChips({ risk, flag_open: open, uncertain }) {
  const chips = [];
  if (risk === "none" && !uncertain) chips.push(el("span", { class: "chip" }, NOTHING));
  if (risk !== "none") chips.push(el("span", { class: `chip ${risk}` }, RISK[risk] ?? risk));
  if (uncertain) chips.push(el("span", { class: "chip concern" }, "? Screening was not sure"));
  if (risk !== "none" && open === false) chips.push(el("span", { class: "chip" }, "Flag closed by staff"));
  return chips;
}

/**
 * What was found, in one line. @param {any} flagged of frames.FlaggedWords
 */
export function found(flagged) {
  const parts = [];
  if (flagged.risk !== "none") parts.push(RISK[flagged.risk] ?? flagged.risk);
  if (flagged.abuse !== "none") parts.push(`■ ${plain(flagged.abuse)}${flagged.target ? `, aimed at ${flagged.target}` : ""}`);
  if (flagged.uncertain) parts.push("? Screening was not sure");
  if (flagged.categories.length) parts.push(flagged.categories.map(plain).join(", "));
  return parts.join(" · ");
}

/**
 * Exact words with what was found marked. Offsets count characters, as the server does, not UTF-16 units.
 * @param {string} text @param {[number, number, string][]} spans
 */
export function marked(text, spans) {
  const characters = [...text];
  const out = el("p", { class: "words" });
  let at = 0;
  for (const [start, end, label] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (start < at) continue; // one inside another: the longer one is marked
    out.append(characters.slice(at, start).join(""));
    out.append(el("mark", { title: plain(label) }, characters.slice(start, end).join("")));
    at = end;
  }
  out.append(characters.slice(at).join(""));
  return out;
}

/** @param {any} entry of frames.Entry @param {any} flagged of frames.FlaggedWords, or null */
export function drawEntry(entry, flagged) {
  const who = entry.name || AUTHORS[entry.author];
  const what = entry.kind === "choice" ? " (pressed)" : entry.kind === "event" ? " (event)" : "";
  const node = el("div", { class: `line ${entry.author}${flagged ? " flagged" : ""}`, "data-seq": String(entry.seq) });
  node.append(el("p", { class: "who" }, `${who}${what}, ${clock(entry.at)}`));
  if (entry.card) {
    const told = el("details", {}, el("summary", {}, entry.card.title || plain(entry.card.name)));
    told.append(blocks(entry.text));
    node.append(told);
  } else {
    node.append(marked(entry.text, flagged?.spans ?? []));
  }
  if (flagged) node.append(el("p", { class: "found" }, found(flagged)));
  return node;
}
