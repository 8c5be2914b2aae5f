/** The queue as staff see it: band, age, what was flagged, who is away. Ages tick; nothing else moves by itself. */

import { riskChips } from "./entries.js";
import { clock, el } from "./text.js";

const BANDS = ["Band 0: danger now", "Band 1: soon", "Band 2: concern", "Band 3: others", "Band 4: information"];

const LEFT = {
  exit: "Left quickly (quick exit). They cannot come back to this chat",
  closed: "Closed the page. They may come back",
  lost: "The line was lost. They may be trying to come back",
};

/** Three leavings are three things; and coming back, where a reload is one calm thing. @param {any} row of frames.QueueRow or frames.Summary */
export function comings({ left, left_at: at, back_at: back, reopened }) {
  if (reopened) return `Opened the page again at ${clock(back)}, within a minute.`;
  if (left) return `${LEFT[left]}, ${clock(at)}.`;
  return back ? `Back at ${clock(back)}, after leaving at ${clock(at)}.` : "";
}

/** @param {number} seconds */
export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Every second, without touching anything else. @param {HTMLElement} root */
export function tick(root) {
  for (const node of root.querySelectorAll("time[data-since]")) {
    const since = Date.parse(/** @type {HTMLElement} */ (node).dataset.since ?? "");
    node.textContent = age((Date.now() - since) / 1000);
  }
}

/**
 * @typedef {{label: string, press: () => void}} Act
 * @param {HTMLElement} box @param {any[]} rows of frames.QueueRow
 * @param {(row: any) => Act[]} actions the buttons of a row
 */
export function drawQueue(box, rows, actions) {
  const groups = [
    ["Waiting", rows.filter((row) => row.state === "waiting" && row.here)],
    ["Away", rows.filter((row) => row.state === "waiting" && !row.here)],
    ["With an advisor", rows.filter((row) => row.state === "claimed")],
  ];
  const focused = /** @type {HTMLElement | null} */ (box.contains(document.activeElement) ? document.activeElement : null);
  const held = focused?.dataset;
  box.replaceChildren();
  for (const [title, some] of /** @type {[string, any[]][]} */ (groups)) {
    box.append(el("h3", {}, `${title} (${some.length})`));
    const list = el("ul", { class: "list" });
    for (const row of some) list.append(drawRow(row, actions(row)));
    if (some.length) box.append(list);
  }
  tick(box);
  if (!held?.contact) return;
  const of = [...box.querySelectorAll(`button[data-contact="${held.contact}"]`)];
  const same = of.find((each) => /** @type {HTMLElement} */ (each).dataset.act === held.act);
  /** @type {HTMLElement | undefined} */ (same ?? of[0])?.focus();
}

/** @param {any} row @param {Act[]} acts */
function drawRow(row, acts) {
  const item = el("li", {});
  const since = el("time", { "data-since": row.since, datetime: row.since });
  item.append(el("p", {}, el("strong", {}, BANDS[row.band] ?? `Band ${row.band}`)), el("p", { class: "row" }, ...riskChips(row)));
  const place = el("p", { class: "soft" }, `${row.service} · waited `, since);
  if (row.by) place.append(` · with ${row.mine ? "you" : row.by}`);
  item.append(place);
  if (row.lifted) item.append(el("p", { class: "soft" }, `Has waited long: stands with band ${row.band - 1}.`));
  const went = comings(row);
  if (went) item.append(el("p", {}, went));
  if (row.unanswered_since) {
    const quiet = row.quiet === "silent" ? "■ Has heard nothing for " : "Waits for an answer: ";
    item.append(el("p", { class: row.quiet ? "" : "soft" }, quiet, el("time", { "data-since": row.unanswered_since, datetime: row.unanswered_since })));
  }
  if (row.declined) item.append(el("p", { class: "soft" }, "You left them to others. You can still claim them."));
  else if (row.declined_by) item.append(el("p", { class: "soft" }, `${row.declined_by} of your colleagues left them to others.`));
  const buttons = el("div", { class: "row" });
  for (const { label, press } of acts) {
    const button = el("button", { type: "button", "data-contact": row.contact, "data-act": label }, label);
    button.addEventListener("click", press);
    buttons.append(button);
  }
  if (acts.length) item.append(buttons);
  return item;
}
