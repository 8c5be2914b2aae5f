/** One case: all that is needed to judge whether the ending was fair, words blurred until asked for. */

import { post } from "/web/shared/api.js";
import { drawEntry, plain } from "/web/shared/entries.js";
import { blocks, clock, el } from "/web/shared/text.js";

const SIDE = 10; // entries on either side of a flagged one
const OUTCOMES = {
  uphold: "Uphold: the ending was fair",
  overturn: "Overturn: the record is cleared, and the person may go on",
  staff_learning: "Staff learning: fair to end, but we learn from how it was done",
  rule_fault: "Rule fault: a rule was wrong; the record is cleared, and the person may go on",
};

/** @param {any} of the API's case @param {() => void} onChange */
export function drawCase(of, onChange) {
  const out = document.createDocumentFragment();
  out.append(el("h2", { id: "case-title", tabindex: "-1" }, `Ending on the ${plain(of.service)} service`));
  const facts = el("dl", { class: "facts" });
  fact(facts, "Ended by", of.ended_by === "software" ? "Software, by the ladder" : of.ended_by);
  fact(facts, "Ended at", of.ended_at ? new Date(of.ended_at).toLocaleString() : "Not known");
  fact(facts, "Clause", of.clause || "None recorded");
  fact(facts, "Reason given", of.why || "None given");
  fact(facts, "Language", of.language);
  fact(facts, "Under 18", of.under_18 ? "Yes, or may be" : "Not said");
  out.append(facts, el("h3", {}, "When each warning was on their screen"), ladder(of.ladder));
  out.append(el("h3", {}, "Risk over time"), risk(of.risk), el("h3", {}, "What was said"), entries(of.entries));
  out.append(el("h3", {}, "What the person was told at the end"), el("div", { class: "box" }, blocks(of.ending_text || "Nothing.")));
  out.append(el("h3", {}, "Complaint"));
  for (const text of of.complaint.length ? of.complaint : ["None."]) out.append(el("p", { class: "box" }, text));
  out.append(decision(of, onChange));
  return out;
}

/** @param {HTMLElement} list @param {string} name @param {string} value */
function fact(list, name, value) {
  list.append(el("dt", {}, name), el("dd", {}, value));
}

/** @param {any[]} steps */
function ladder(steps) {
  if (!steps.length) return el("p", {}, "No warning was sent.");
  const list = el("ol", {});
  for (const step of steps) {
    const displayed = step.displayed_at ? `on their screen at ${clock(step.displayed_at)}` : "never on their screen";
    const by = step.by === "software" ? "software" : step.by;
    list.append(el("li", {}, `${step.clause}, sent at ${clock(step.sent_at)} by ${by}, ${displayed}`));
  }
  return list;
}

/** @param {any[]} points */
function risk(points) {
  if (!points.length) return el("p", {}, "Nothing flagged — not an assessment.");
  const list = el("ol", {});
  for (const point of points) list.append(el("li", {}, `${clock(point.at)}: ${point.risk} (message ${point.seq})`));
  return list;
}

/** Flagged words and ten on either side, blurred; the rest folded away. @param {{entry: any, flagged: any}[]} all */
function entries(all) {
  const box = el("div", { class: "stack" });
  const near = new Set();
  all.forEach((each, at) => {
    if (each.flagged) for (let n = at - SIDE; n <= at + SIDE; n += 1) near.add(n);
  });
  const shown = all.filter((_, at) => near.size === 0 || near.has(at));
  const others = all.length - shown.length;
  const log = el("div", { class: "transcript blurred", role: "region", "aria-label": "What was said", tabindex: "0" });
  const fill = (/** @type {{entry: any, flagged: any}[]} */ some) =>
    log.replaceChildren(...some.map(({ entry, flagged }) => drawEntry(entry, flagged)));
  const blur = el("button", { type: "button", "aria-pressed": "false" }, "Show the words");
  blur.addEventListener("click", () => {
    const blurred = log.classList.toggle("blurred");
    hideFromReaders(log, blurred);
    blur.setAttribute("aria-pressed", String(!blurred));
  });
  const rest = el("button", { type: "button" }, `Show the other ${others} entries`);
  rest.addEventListener("click", () => {
    fill(all);
    hideFromReaders(log, log.classList.contains("blurred"));
    rest.remove();
  });
  fill(shown);
  hideFromReaders(log, true);
  box.append(el("div", { class: "row" }, blur, ...(others ? [rest] : [])), log);
  return box;
}

/** What is blurred to the eye is silent to a screen reader too. @param {HTMLElement} log @param {boolean} hidden */
function hideFromReaders(log, hidden) {
  for (const words of log.querySelectorAll(".words")) words.setAttribute("aria-hidden", String(hidden));
}

/** @param {any} of @param {() => void} onChange */
function decision(of, onChange) {
  const box = el("div", { class: "stack" });
  const said = el("p", { role: "status" });
  if (of.state === "decided") {
    box.append(el("h3", {}, "Decided"), el("p", {}, OUTCOMES[of.outcome] ?? of.outcome), el("p", { class: "box" }, of.reason || ""));
  } else if (!of.mine_to_decide) {
    box.append(el("p", { class: "banner" }, of.why_not));
  } else if (of.state === "open") {
    box.append(button("Take this case", () => attempt(said, () => post(`/cases/${of.id}/take`), onChange)));
  } else if (of.mine) {
    box.append(form(of, said, onChange));
  } else {
    box.append(el("p", { class: "banner" }, "Another moderator has taken this case."));
  }
  box.append(said);
  return box;
}

/** @param {any} of @param {HTMLElement} said @param {() => void} onChange */
function form(of, said, onChange) {
  const reason = /** @type {HTMLTextAreaElement} */ (el("textarea", { rows: "4", required: "", autocomplete: "off" }));
  const choices = el("fieldset", {}, el("legend", {}, "Outcome"));
  for (const [id, label] of Object.entries(OUTCOMES)) {
    choices.append(el("label", { class: "check" }, el("input", { type: "radio", name: "outcome", value: id, required: "" }), label));
  }
  const node = /** @type {HTMLFormElement} */ (el("form", { class: "stack", autocomplete: "off" }, choices,
    el("label", {}, "Reason, in a sentence or two", reason), el("button", { type: "submit", class: "primary" }, "Decide")));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    const outcome = new FormData(node).get("outcome");
    attempt(said, () => post(`/cases/${of.id}/decide`, { outcome, reason: reason.value }), onChange);
  });
  return node;
}

/** @param {string} label @param {() => void} press */
function button(label, press) {
  const node = el("button", { type: "button", class: "primary" }, label);
  node.addEventListener("click", press);
  return node;
}

/** @param {HTMLElement} said @param {() => Promise<unknown>} what @param {() => void} then */
async function attempt(said, what, then) {
  try {
    await what();
    then();
  } catch (why) {
    said.textContent = /** @type {Error} */ (why).message;
  }
}
