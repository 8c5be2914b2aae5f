/** The moderator's room: every ending for abuse is reviewed, and never by the one who ended it. */

import { get } from "/web/shared/api.js";
import { plain } from "/web/shared/entries.js";
import { byId, clock, el } from "/web/shared/text.js";
import { drawCase } from "./case.js";

const OFTEN_MS = 15_000;
const STATES = { open: "To take", taken: "Taken", decided: "Decided" };
const DUE = { shift: "This shift", day: "One working day" };

async function list() {
  const cases = await get("/cases");
  const box = byId("cases");
  const focused = /** @type {HTMLElement | null} */ (box.contains(document.activeElement) ? document.activeElement : null);
  const held = focused?.dataset.case;
  const rows = el("tbody");
  for (const each of cases) rows.append(draw(each));
  const head = el("tr", {}, ...["Opened", "Service", "State", "Due", "Risk", "Outcome", "Open"].map((name) => el("th", { scope: "col" }, name)));
  box.replaceChildren(cases.length ? el("table", {}, el("thead", {}, head), rows) : el("p", {}, "No ending waits for a review."));
  if (held) /** @type {HTMLElement | null} */ (box.querySelector(`[data-case="${held}"]`))?.focus();
}

/** @param {any} each */
function draw(each) {
  const open = el("button", { type: "button", "data-case": each.id }, "Open");
  open.addEventListener("click", () => show(each.id));
  const day = new Date(each.opened_at).toLocaleDateString();
  const cells = [
    `${day} ${clock(each.opened_at)}`, each.service, `${STATES[each.state]}${each.mine ? " by you" : ""}`,
    each.state === "decided" ? "" : DUE[each.due], each.was_risk ? "▲ Was flagged for risk" : "", plain(each.outcome ?? ""),
  ];
  return el("tr", {}, ...cells.map((cell) => el("td", {}, cell)), el("td", {}, open));
}

/** @param {string} id */
async function show(id) {
  try {
    const box = byId("case");
    box.replaceChildren(drawCase(await get(`/cases/${encodeURIComponent(id)}`), () => (show(id), list())));
    box.hidden = false;
    byId("case-title").focus();
    byId("said").textContent = "";
  } catch (why) {
    byId("said").textContent = /** @type {Error} */ (why).message;
  }
}

const keepList = () => list().catch((why) => (byId("said").textContent = why.message));
keepList();
setInterval(keepList, OFTEN_MS);
