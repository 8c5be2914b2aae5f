/** What an advisor can do with a contact besides talking. Each asks once more, and says what will happen. */

import { el } from "/web/shared/text.js";

const NOTE_GUIDE =
  "Between staff; the person never sees it here, but it is part of their record and they may ask for it. " +
  "Keep it professional, factual and respectful.";

/**
 * @typedef {{title: string, says: string, yes: string, field?: {label: string, required: boolean}, guide?: string, run: (words: string) => Promise<unknown>}} Action
 */

/** @param {(t: string, fields?: object) => Promise<unknown>} write @returns {Action} */
export const note = (write) => ({
  title: "Note", says: NOTE_GUIDE, yes: "Keep the note", field: { label: "Note", required: true },
  run: (text) => write("note", { text }),
});

/** @param {(t: string, fields?: object) => Promise<unknown>} write @returns {Action[]} */
export const heldActions = (write) => [
  note(write),
  {
    title: "Close the flag", says: "Only staff close a risk flag. What was found stays on the record.", yes: "Close the flag",
    run: () => write("flag", { close: true }),
  },
  {
    title: "Warn", yes: "Send the warning",
    says: "The next step of the boundary ladder is sent to the person. A later step counts only once this one has been on their screen. Hold the boundary and stay, if they are in danger.",
    run: () => write("warn"),
  },
  {
    title: "Give back", yes: "Give back to the queue",
    says: "The person goes to the front of their band, with the time they have waited. Tell them first if you can.",
    run: () => write("release"),
  },
  {
    title: "End", says: "The conversation is done. The person is told, and can come back at any time.", yes: "End the contact",
    run: () => write("end", { reason: "done" }),
  },
  {
    title: "End for abuse", yes: "End for abuse",
    says: "The person is told why, how to complain and where else to go. A moderator reviews it. With an open risk flag, speak to your supervisor first.",
    field: { label: "What happened, for the moderator", required: true },
    run: (why) => write("end", { reason: "abuse", why }),
  },
];

/** @param {(t: string, fields?: object) => Promise<unknown>} write @returns {Action} */
export const wrapUp = (write) => ({
  title: "Wrap-up", says: NOTE_GUIDE, yes: "Keep the wrap-up", field: { label: "Wrap-up note", required: true },
  run: (text) => write("wrap_up", { text }),
});

/** Buttons that unfold a question. @param {Action[]} actions */
export function drawActions(actions) {
  const box = el("div", { class: "actions" });
  for (const action of actions) box.append(drawAction(action));
  return box;
}

/** @param {Action} action */
export function drawAction(action) {
  const details = /** @type {HTMLDetailsElement} */ (el("details", { class: "action" }, el("summary", { class: "button" }, action.title)));
  const form = el("form", { class: "stack box", autocomplete: "off" }, el("p", {}, action.says));
  /** @type {HTMLTextAreaElement | null} */
  let words = null;
  if (action.field) {
    words = /** @type {HTMLTextAreaElement} */ (el("textarea", { rows: "3", autocomplete: "off" }));
    words.required = action.field.required;
    form.append(el("label", {}, action.field.label, words));
  }
  const said = el("p", { role: "status" });
  form.append(el("button", { type: "submit", class: "primary" }, action.yes), said);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await action.run(words?.value ?? "");
      if (words) words.value = "";
      said.textContent = "";
      details.open = false;
    } catch (why) {
      said.textContent = /** @type {Error} */ (why).message; // the words typed stay in the box
    }
  });
  details.append(form);
  return details;
}
