/** The supervisor's room: who waits, who is on duty, what needs a look now, and observing (R2). */

import { showAlarms } from "/web/shared/alarms.js";
import { alertKeys, alertStaff, clearAlert } from "/web/shared/alerts.js";
import { get } from "/web/shared/api.js";
import { drawEntry } from "/web/shared/entries.js";
import { InOrder } from "/web/shared/in_order.js";
import { drawQueue, tick } from "/web/shared/queue.js";
import { StaffLine } from "/web/shared/staff.js";
import { byId, el } from "/web/shared/text.js";
import { askedWords } from "/web/advisor/hand_on.js";
import { drawSummary } from "/web/advisor/summary.js";
import { drawOverview } from "./overview.js";

const OFTEN_MS = 10_000;

/** @type {{contact: string, reason: string, log: HTMLElement, inOrder: InOrder, facts: HTMLElement} | null} */
let observed = null;
let chosen = "";

const desk = new StaffLine({
  onUp() {
    desk.tell({ t: "watch" });
    if (!observed) return;
    desk.tell({ t: "open", contact: observed.contact, after: observed.inOrder.whole, reason: observed.reason });
    observed.inOrder.again();
  },
  onFrame: (frame) => on[frame.t]?.(frame),
});

/** @type {{[kind: string]: (frame: any) => void}} */
const on = {
  queue(frame) {
    drawQueue(byId("queue"), frame.rows, (row) => [{ label: "Observe", press: () => choose(row.contact, row.service) }]);
  },
  flagged(frame) {
    const press = () => choose(frame.contact, "");
    if (frame.abuse === "threatening") alertStaff(`${frame.contact}:threat`, "■ A threat to staff in a contact.", { label: "Observe", press });
    if (frame.risk === "immediate") alertStaff(`${frame.contact}:risk`, "▲ Danger now in a contact.", { label: "Observe", press });
  },
  asked(frame) {
    const press = () => window.location.assign("/staff/advisor"); // where contacts are read and taken over
    for (const row of frame.rows) alertStaff(`asked:${row.contact}:${row.how}`, askedWords(row), { label: "Talk with people", press });
    for (const key of alertKeys()) if (key.startsWith("asked:") && !frame.rows.some((/** @type {any} */ row) => key === `asked:${row.contact}:${row.how}`)) clearAlert(key);
  },
  alarms(frame) {
    showAlarms(frame.rows, (row) => (row.contact ? { label: "Observe", press: () => choose(row.contact, row.service ?? "") } : undefined));
    overview();
  },
  entry(frame) {
    if (frame.contact === observed?.contact) observed.inOrder.take(frame.entry.seq, drawEntry(frame.entry, frame.flagged));
  },
  summary(frame) {
    if (frame.contact !== observed?.contact) return;
    observed.inOrder.answered(); // it comes after the entries
    observed.facts.replaceChildren(drawSummary(frame));
  },
  refused: (frame) => (byId("said").textContent = frame.words),
};

/** @param {string} contact @param {string} service */
function choose(contact, service) {
  chosen = contact;
  byId("observe").hidden = false;
  byId("observe-whom").textContent = service ? `A contact on the ${service} service.` : "A contact.";
  byId("reason").focus();
}

function stop() {
  if (observed) desk.tell({ t: "close", contact: observed.contact });
  observed = null;
  byId("observed").replaceChildren();
}

byId("observe").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  stop();
  const log = el("div", { class: "transcript", role: "log", tabindex: "0", "aria-label": "What has been said" });
  const facts = el("div", {});
  const [contact, reason] = [chosen, byId("reason").value];
  const inOrder = new InOrder(log, (after) => desk.tell({ t: "open", contact, after, reason }));
  observed = { contact, reason, log, inOrder, facts };
  byId("observed").replaceChildren(facts, log);
  desk.tell({ t: "open", contact: chosen, after: 0, reason: observed.reason });
});
byId("observe-stop").addEventListener("click", () => {
  stop();
  byId("observe").hidden = true;
});

async function overview() {
  try {
    drawOverview(byId("overview"), await get("/overview"), (contact) => choose(contact, ""));
    byId("overview-said").textContent = "";
  } catch (why) {
    byId("overview-said").textContent = /** @type {Error} */ (why).message;
  }
}

setInterval(() => tick(document.body), 1000);
setInterval(overview, OFTEN_MS);
overview();
desk.open();
