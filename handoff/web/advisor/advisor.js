/** The advisor's room: the queue, the contacts held, and an alert when somebody is in danger now. */

import { showAlarms } from "/web/shared/alarms.js";
import { alertKeys, alertStaff, clearAlert } from "/web/shared/alerts.js";
import { showPolicies } from "/web/shared/policies.js";
import { drawQueue, tick } from "/web/shared/queue.js";
import { StaffLine } from "/web/shared/staff.js";
import { byId, el } from "/web/shared/text.js";
import { Contact } from "./contact.js";
import { askedWords } from "./hand_on.js";
import { forget, held, hold } from "./leases.js";

const RENEW_MS = 10_000;

/** @type {Map<string, Contact>} */
const contacts = new Map();
/** @type {any[]} */
let rows = [];
let showing = "";
let paused = false;
let renewedAt = -Infinity;

const desk = new StaffLine({
  onUp() {
    desk.tell({ t: "watch" });
    renew();
    for (const contact of contacts.values()) {
      desk.tell({ t: "open", contact: contact.id, after: contact.whole });
      contact.again();
    }
  },
  onBeat: () => renew(), // every ten seconds, also while this page is hidden and its timers run once a minute
  onFrame: (frame) => on[frame.t]?.(frame),
});

/** @type {{[kind: string]: (frame: any) => void}} */
const on = {
  welcome(frame) {
    byId("overview-link").hidden = frame.role !== "supervisor";
    drawPause(frame.paused);
  },
  queue(frame) {
    rows = frame.rows;
    alertImmediate();
    alertQuiet();
    takeBackAfterReload();
    draw();
  },
  asked: (frame) => whatIsAsked(frame.rows),
  alarms: (frame) => showAlarms(frame.rows, () => undefined),
  entry: (frame) => {
    contacts.get(frame.contact)?.entry(frame, frame.contact === showing);
    drawTabs();
  },
  summary: (frame) => contacts.get(frame.contact)?.summary(frame),
  mark: (frame) => contacts.get(frame.contact)?.mark(frame),
  typing: (frame) => frame.who === "person" && contacts.get(frame.contact)?.typing(),
  pong: () => contacts.forEach((contact) => contact.sure()),
  lost: (frame) => lost(frame.contact, frame.why),
  flagged(frame) {
    const urgent = frame.risk === "immediate" || frame.abuse === "threatening";
    if (!urgent || frame.contact === showing || !contacts.has(frame.contact)) return;
    const words = frame.risk === "immediate" ? "▲ Danger now in a contact you hold." : "■ A threat in a contact you hold. Tell your supervisor.";
    alertStaff(`${frame.contact}:${frame.seq}`, words, { label: "Open it", press: () => show(frame.contact) });
  },
  refused: (frame) => frame.id || (byId("said").textContent = frame.words),
};

/** @param {string} id @param {"lease" | "released" | "ended" | "handed_on" | "asked"} why */
function lost(id, why) {
  contacts.get(id)?.lost(why);
  forget(id);
  drawTabs();
}

/** Still here, with everybody held: by the server's heartbeat, or on a slow line by our own. */
function renew() {
  renewedAt = performance.now();
  for (const contact of contacts.values()) {
    if (contact.held) desk.tell({ t: "renew", contact: contact.id, lease_no: contact.leaseNo });
  }
}

/** Somebody in danger now is on screen at once, whatever else is open. */
function alertImmediate() {
  const now = new Set();
  for (const row of rows) {
    if (row.band !== 0 || row.state !== "waiting" || row.declined) continue;
    now.add(`queue:${row.contact}`);
    alertStaff(`queue:${row.contact}`, `▲ Someone may be in danger now and is waiting (${row.service}).`, claimIt(row));
  }
  for (const key of alertKeys()) if (key.startsWith("queue:") && !now.has(key)) clearAlert(key);
}

/** What colleagues ask, until it is over. What was handed over is ours already, and is taken up at once. @param {any[]} asked of frames.AskedRow */
function whatIsAsked(asked) {
  const now = new Set();
  for (const row of asked) {
    const key = `asked:${row.contact}:${row.how}:${row.lease_no}`;
    now.add(key);
    if (row.how === "handed") {
      if (!contacts.get(row.contact)?.held) takeUp(row.contact, row.service, row.lease_no);
      alertStaff(key, askedWords(row), { label: "Open it", press: () => show(row.contact) });
    } else alertStaff(key, askedWords(row), { label: "Read", press: () => read(row) });
  }
  for (const key of alertKeys()) if (key.startsWith("asked:") && !now.has(key)) clearAlert(key);
}

/** Read a colleague's contact. @param {any} row of frames.AskedRow */
function read({ contact: id, service, how }) {
  const accept = async () => {
    const claimed = await desk.write("accept", { contact: id });
    take(id, service, claimed.lease_no);
  };
  contacts.get(id)?.node.remove();
  contacts.set(id, new Contact(id, service, desk, (why) => lost(id, why), { how, accept }));
  desk.tell({ t: "open", contact: id, after: 0 });
  show(id);
}

/** A lease that is ours, though this page has not claimed it just now. @param {string} id @param {string} service @param {number} leaseNo */
function takeUp(id, service, leaseNo) {
  desk.tell({ t: "renew", contact: id, lease_no: leaseNo });
  take(id, service, leaseNo);
  desk.tell({ t: "open", contact: id, after: 0 });
}

/** The person has heard nothing for too long; a supervisor is told as well, a little later. */
function alertQuiet() {
  const now = new Set();
  for (const row of rows) {
    if (!row.mine || !row.quiet) continue;
    const key = `quiet:${row.contact}:${row.quiet}`;
    now.add(key);
    const words = row.quiet === "silent" ? "They wait for an answer, and a supervisor has been told. You can write, or give them back." : "They have not heard from you yet. You can say hello.";
    alertStaff(key, `${words} (${row.service})`, { label: "Open it", press: () => show(row.contact) });
  }
  for (const key of alertKeys()) if (key.startsWith("quiet:") && !now.has(key)) clearAlert(key);
}

/** @param {any} row */
const claimIt = (row) => ({ label: "Claim", press: () => claim(row) });

/** A write about nobody held; what came of it is said in one line. @param {string} t @param {object} fields */
async function tryTo(t, fields) {
  try {
    await desk.write(t, fields);
    byId("said").textContent = "";
    return true;
  } catch (why) {
    byId("said").textContent = /** @type {Error} */ (why).message;
    return false;
  }
}

/** @param {any} row */
const decline = (row) => tryTo("decline", { contact: row.contact });

/** @param {boolean} on */
function drawPause(on) {
  paused = on;
  byId("pause").textContent = on ? "End your pause" : "Pause: nobody new";
  byId("pause").setAttribute("aria-pressed", String(on));
  byId("paused").textContent = on ? "You have paused. Whom you hold stays with you, and somebody in danger can still be claimed." : "";
}

/** @param {any} row */
async function claim(row) {
  try {
    const claimed = await desk.write("claim", { contact: row.contact });
    take(row.contact, row.service, claimed.lease_no); // the server opens what is claimed
    byId("said").textContent = "";
  } catch (why) {
    byId("said").textContent = /** @type {Error} */ (why).message;
  }
}

/** @param {string} id @param {string} service @param {number} leaseNo */
function take(id, service, leaseNo) {
  contacts.get(id)?.node.remove();
  const contact = new Contact(id, service, desk, (why) => lost(id, why));
  contact.leaseNo = leaseNo;
  contacts.set(id, contact);
  hold(id, leaseNo);
  show(id);
}

/** After a reload the lease is still ours: its number was kept in this tab. */
function takeBackAfterReload() {
  for (const row of rows) {
    const leaseNo = held(row.contact);
    if (!row.mine || contacts.has(row.contact) || !leaseNo) continue;
    takeUp(row.contact, row.service, leaseNo);
  }
}

/** @param {string} id */
function show(id) {
  showing = id;
  const contact = contacts.get(id);
  byId("contacts").replaceChildren(...(contact ? [contact.node] : []));
  byId("side").replaceChildren(...(contact ? [contact.side] : []));
  contact?.read();
  drawTabs();
  contact?.focus();
}

/** @param {string} id */
function putAway(id) {
  desk.tell({ t: "close", contact: id });
  contacts.delete(id);
  show([...contacts.keys()][0] ?? "");
}

function draw() {
  drawQueue(byId("queue"), rows, (row) => {
    if (row.state === "waiting") return row.declined ? [claimIt(row)] : [claimIt(row), { label: "Leave to others", press: () => decline(row) }];
    // Mine and not here: the answer to the claim was lost with the line. Claiming again gives the same lease.
    return row.mine ? [{ label: "Open", press: () => (contacts.has(row.contact) ? show(row.contact) : claim(row)) }] : [];
  });
}

function drawTabs() {
  const tabs = byId("tabs");
  const hadFocus = tabs.contains(document.activeElement);
  tabs.replaceChildren();
  let number = 0;
  for (const contact of contacts.values()) {
    number += 1;
    const news = contact.unread ? `, ${contact.unread} new` : contact.held ? "" : contact.asking ? ", read for a colleague" : ", over";
    const tab = el("button", { type: "button", "aria-current": String(contact.id === showing) }, `${number}. ${contact.service}${news}`);
    tab.addEventListener("click", () => show(contact.id));
    tabs.append(tab);
    if (contact.held || contact.asking || contact.id !== showing) continue;
    const away = el("button", { type: "button" }, "Put away");
    away.addEventListener("click", () => putAway(contact.id));
    tabs.append(away);
  }
  byId("nobody").hidden = contacts.size > 0;
  if (hadFocus) /** @type {HTMLElement | null} */ (tabs.querySelector("[aria-current=true]"))?.focus();
}

setInterval(() => tick(document.body), 1000);
setInterval(() => performance.now() - renewedAt >= RENEW_MS && renew(), RENEW_MS);
byId("pause").addEventListener("click", async () => {
  const on = !paused;
  if (await tryTo("pause", { on })) drawPause(on);
});

showPolicies(byId("policies"), () => {}).catch((why) => (byId("said").textContent = why.message)); // R13
desk.open();
