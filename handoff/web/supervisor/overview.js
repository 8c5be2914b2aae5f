/** The overview: what needs a look now comes first. */

import { alarmWords } from "/web/shared/alarms.js";
import { post } from "/web/shared/api.js";
import { plain } from "/web/shared/entries.js";
import { clock, el } from "/web/shared/text.js";

const BOT = {
  here: "The assistant answers",
  away: "The assistant is away: people get the cards and a person",
  failing: "The assistant is there but does not answer: people get the cards and a person",
};

/** Only drawn anew when something changed, so that focus and reading place are kept. */
let before = "";

/** @param {HTMLElement} box @param {any} all of the API's overview @param {(contact: string) => void} observe */
export function drawOverview(box, all, observe) {
  const now = JSON.stringify(all);
  if (now === before) return;
  before = now;
  box.replaceChildren(
    el("p", {}, `${BOT[all.bot.state]}, since ${clock(all.bot.since)}.`),
    part("Alarms", all.alarms, (alarm) => [
      ...withContact(`${alarmWords(alarm)}, since ${clock(alarm.since)}`, alarm.contact, observe),
      ...(alarm.id === null ? [] : [seenButton(alarm.id)]), // one that stands while somebody waits goes by itself
    ]),
    part("At their desks", all.on_duty, (staff) => [`${staff.name}, ${staff.role}${staff.paused ? ", paused" : ""}: ${staff.contacts} ${staff.contacts === 1 ? "contact" : "contacts"}`]),
    part("Policy reviews", all.reviews, (text) => [ // R15
      `${text.overdue ? "■ Overdue: " : ""}${text.service}, ${plain(text.kind)}, version ${text.version}, next review ${text.next_review}`,
    ]),
    part("Complaints", all.complaints, (complaint) => withContact(`${clock(complaint.at)}: ${complaint.text}`, complaint.contact, observe)),
  );
}

/** @param {string} title @param {any[]} some @param {(one: any) => (string | Node)[]} draw */
function part(title, some, draw) {
  const box = el("section", {}, el("h2", {}, `${title} (${some.length})`));
  const list = el("ul", { class: "list" });
  for (const one of some) list.append(el("li", {}, ...draw(one)));
  box.append(some.length ? list : el("p", { class: "soft" }, "None."));
  return box;
}

/** @param {number} id */
function seenButton(id) {
  const button = el("button", { type: "button" }, "Seen");
  button.addEventListener("click", async () => {
    button.disabled = true;
    await post(`/alarms/${id}/seen`);
    button.closest("li")?.remove();
  });
  return button;
}

/** @param {string} words @param {string | null} contact @param {(contact: string) => void} observe */
function withContact(words, contact, observe) {
  if (!contact) return [words];
  const button = el("button", { type: "button" }, "Observe");
  button.addEventListener("click", () => observe(contact));
  return [el("p", {}, words), button];
}
