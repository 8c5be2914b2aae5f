/** What the advisor sees first, in this order: flags with exact words, danger and safety, the need, then the rest. */

import { found, marked, plain, riskChips } from "/web/shared/entries.js";
import { age, comings } from "/web/shared/queue.js";
import { clock, el } from "/web/shared/text.js";

const ORDER = ["danger", "safe_to_chat", "need", "children", "age", "relation", "name", "language", "access", "dont_want"];
const NAMES = {
  danger: "Anyone in danger now", safe_to_chat: "Safe to chat", need: "What they need", age: "Age", name: "Name to use",
  language: "Language", code_of_contact: "Code of contact", notice: "Notice",
};
const NOTICE = {
  sent: "Sent, not yet on their screen", displayed: "Displayed, not answered", acknowledged: "Acknowledged",
  declined: "Declined: still to be helped",
};

/** @param {any} summary of frames.Summary @returns {DocumentFragment} */
export function drawSummary(summary) {
  const out = document.createDocumentFragment();
  out.append(el("p", { class: "row" }, ...riskChips(summary)));
  for (const flagged of summary.flagged) {
    out.append(el("div", { class: "line flagged" },
      el("p", { class: "who" }, `Said at ${clock(flagged.at)}`),
      marked(flagged.text, flagged.spans),
      el("p", { class: "found" }, found(flagged))));
  }
  const facts = el("dl", { class: "facts" });
  const order = [...ORDER, ...Object.keys(summary.answers).filter((name) => !ORDER.includes(name))];
  for (const name of order) if (summary.answers[name]) fact(facts, NAMES[name] ?? plain(name), summary.answers[name]);
  fact(facts, "Notice", summary.notice ? NOTICE[summary.notice] : "Not sent yet");
  fact(facts, "Waited", summary.waited_s === null ? "Not known" : age(summary.waited_s));
  fact(facts, "Page", comings(summary) || "Open");
  if (summary.complaint) fact(facts, "Complaint", "Made one in this contact. A supervisor sees it");
  if (summary.continues) fact(facts, "Continues", "An earlier contact whose ending was overturned");
  if (summary.end_reason) fact(facts, "Ended", plain(summary.end_reason));
  out.append(facts);
  out.append(folded("What they have been told", summary.told));
  out.append(folded("Boundary ladder", summary.ladder.length ? summary.ladder : ["No warning so far"]));
  return out;
}

/** @param {any[]} notes of frames.NoteView */
export function drawNotes(notes) {
  const list = el("ul", { class: "list" });
  for (const note of notes) {
    const kind = note.kind === "wrap_up" ? "Wrap-up" : "Note";
    list.append(el("li", {}, el("p", { class: "soft small" }, `${kind}, ${note.by}, ${clock(note.at)}`), el("p", { class: "words" }, note.text)));
  }
  return list;
}

/** @param {HTMLElement} list @param {string} name @param {string} value */
function fact(list, name, value) {
  list.append(el("dt", {}, name), el("dd", {}, value));
}

/** @param {string} title @param {string[]} lines */
function folded(title, lines) {
  const list = el("ul", {});
  for (const line of lines) list.append(el("li", {}, line));
  return el("details", {}, el("summary", {}, title), list);
}
