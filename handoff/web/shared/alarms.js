/** Alarms that the server keeps: as a banner at once, in words, until what they tell of is over. */

import { alertKeys, alertStaff, clearAlert } from "./alerts.js";
import { plain } from "./entries.js";

const WORDS = {
  threat_to_staff: "■ A threat to staff",
  turn_failed: "■ A message could not be answered or passed on",
  give_back_failed: "■ A contact could not be given back to the queue",
  left_with_open_flag: "Somebody left while a risk flag was open",
  complaint_flagged: "A complaint tells of danger",
  nobody_on_duty: "■ No advisor is at their desk",
  left_by_everybody: "■ Every advisor at a desk has left somebody to others",
  admission_stopped: "Nobody new joins the queue before closing. People still wait",
  waiting_after_closing: "■ The helpline is closed, and people still wait",
  advisor_silent: "Somebody has been claimed and hears nothing from their advisor",
  on_call_paged: "Nobody claimed somebody in the queue. The on-call contact has been called",
  paging_failed: "■ Somebody waits, and the on-call contact could not be reached. Claim them, or call on-call yourself",
  paging_not_set: "■ Somebody waits too long, and no on-call contact is set up. Claim them, or call for help yourself",
};

/** @param {any} row of frames.AlarmRow */
export const alarmWords = ({ what }) =>
  WORDS[what] ?? (what.startsWith("waiting_band_") ? `Waiting past the limit of band ${what.slice(-1)}` : plain(what));

/**
 * One banner for each alarm; gone when the server no longer has it.
 * @param {any[]} rows of frames.AlarmRow @param {(row: any) => {label: string, press: () => void} | undefined} action
 */
export function showAlarms(rows, action) {
  const now = new Set();
  for (const row of rows) {
    const key = `alarm:${row.what}:${row.contact ?? row.service}:${row.since}`;
    now.add(key);
    alertStaff(key, `${alarmWords(row)}${row.service ? ` (${row.service})` : ""}.`, action(row));
  }
  for (const key of alertKeys()) if (key.startsWith("alarm:") && !now.has(key)) clearAlert(key);
}
