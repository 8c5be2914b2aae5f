/** Handing a contact on, asking a colleague about it, and being asked: what it says before anything is done. */

import { get } from "/web/shared/api.js";
import { el } from "/web/shared/text.js";

const REASONS = {
  language: "Another language is needed", specialist: "Somebody else knows more about this", asked_for: "They asked for somebody else",
  know_them: "I know somebody in this", shift_end: "My shift is ending", step_away: "I need to step away", other: "Another reason",
};
const HOW = {
  warm: "A colleague reads first. You stay with them until your colleague accepts",
  cold: "To a colleague at once",
  queue: "Back to the front of the queue",
};

/** @typedef {(t: string, fields?: object) => Promise<unknown>} Write */

/** @param {any} row of frames.AskedRow */
export function askedWords({ how, by, service, reason }) {
  const why = reason ? ` ${REASONS[reason]}.` : "";
  if (how === "consult") return `${by} asks you about a contact (${service}).`;
  if (how === "transfer") return `${by} asks you to take over a contact (${service}).${why}`;
  return `${by} has handed you a contact (${service}).${why}`;
}

/** @param {string} label @param {[string, string][]} choices value and words */
function choose(label, choices) {
  const id = crypto.randomUUID();
  const select = /** @type {HTMLSelectElement} */ (el("select", { required: "", id }));
  for (const [value, words] of choices) select.append(el("option", { value }, words));
  return { select, node: el("div", {}, el("label", { for: id }, label), select) };
}

/** Who is at a desk just now; asked for each time the form is opened. @param {HTMLSelectElement} select */
async function fill(select) {
  const found = await get("/colleagues");
  select.replaceChildren();
  for (const one of found) {
    const busy = one.paused ? "paused" : `${one.contacts} ${one.contacts === 1 ? "contact" : "contacts"}`;
    if (one.role !== "moderator") select.append(el("option", { value: one.id }, `${one.name}, ${one.role}, ${busy}`));
  }
}

/** @param {string} title @param {(Node | string)[]} parts @param {string} yes @param {HTMLSelectElement} people @param {() => Promise<unknown>} run */
function unfold(title, parts, yes, people, run) {
  const said = el("p", { role: "status" });
  const form = el("form", { class: "stack box", autocomplete: "off" }, ...parts, el("button", { type: "submit", class: "primary" }, yes), said);
  const details = /** @type {HTMLDetailsElement} */ (el("details", { class: "action" }, el("summary", { class: "button" }, title), form));
  details.addEventListener("toggle", () => {
    if (details.open) fill(people).catch((why) => (said.textContent = why.message));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await run();
      said.textContent = "";
      details.open = false;
    } catch (why) {
      said.textContent = /** @type {Error} */ (why).message;
    }
  });
  return details;
}

/** @param {Write} write @returns {HTMLElement} */
export function drawHandOn(write) {
  const how = choose("How", Object.entries(HOW));
  const to = choose("Colleague", []);
  const reason = choose("Reason", Object.entries(REASONS));
  how.select.addEventListener("change", () => {
    to.node.hidden = to.select.disabled = how.select.value === "queue";
  });
  const says = "The person is told in plain words when somebody else takes over. They never have to say it again.";
  return unfold("Hand on", [el("p", {}, says), how.node, to.node, reason.node], "Hand on", to.select, () =>
    write("transfer", { how: how.select.value, to: how.select.value === "queue" ? null : to.select.value, reason: reason.select.value }));
}

/** M10. @param {Write} write @returns {HTMLElement} */
export function drawConsult(write) {
  const to = choose("Colleague", []);
  const says = "Your colleague reads this contact and writes notes between staff, until you or they stop it. The person is told that a colleague is asked.";
  return unfold("Ask a colleague", [el("p", {}, says), to.node], "Ask", to.select, () => write("consult", { to: to.select.value }));
}

/** Who reads along, and a way to stop it. @param {{staff: string, name: string, how: string}[]} asked of frames.Asking @param {Write} write */
export function drawAsked(asked, write) {
  const list = el("ul", { class: "list" });
  for (const { staff, name, how } of asked) {
    const stop = el("button", { type: "button" }, "Stop asking");
    stop.addEventListener("click", () => write("withdraw", { to: staff }).catch(() => {}));
    list.append(el("li", {}, el("p", {}, how === "consult" ? `${name} reads along.` : `${name} is asked to take over.`), stop));
  }
  return list;
}
