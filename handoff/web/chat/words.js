/** Every sentence the chat page itself says. The cards and replies come from the server. */

export const SENDING = "Sending…";
export const SENT = "Sent";
export const DELIVERED = "Delivered";
export const READ = "Read by the advisor";
export const SEND_AGAIN = "Send again";
export const CHANGE_IT = "Change it";
export const SKIP = "Skip this";
export const YOUR_ANSWER = " (your answer)";
export const YOU = "You";
export const ANSWERED_BY = { bot: "Automated assistant", service: "Helpline", advisor: "Advisor" };
export const GAP = "Some earlier messages are no longer kept here, so they cannot be shown.";
export const CONTINUES = "This chat carries on from your earlier one.";
export const COMPLAINT_SENDING = "Your complaint is being sent.";
export const COMPLAINT_SENT = "Your complaint has reached us.";
export const ASKING_PERSON = "Asking for a person…";
export const ENDED = "This chat has ended.";
export const NEWEST = "Newest";
export const NEW_WORDS = "New words";
export const CONNECTING = "Connecting…";

/** @param {string} helpline */
export const lost = (helpline) =>
  `We've lost the connection. Your words are kept here until it's back. You can call ${helpline}.`;

/** @param {string} helpline */
export const cannotConnect = (helpline) => `The chat cannot connect just now. You can call ${helpline}.`;

/** @param {number} over @param {number} max */
export const tooLong = (over, max) =>
  `This message is ${over} ${over === 1 ? "character" : "characters"} too long. The most is ${max}. You can send it in two parts. Nothing is lost.`;

/** @param {number} left */
export const charactersLeft = (left) => `${left} characters left.`;

/** @param {string} who */
export const isWriting = (who) => `${who} is writing.`;

/** @param {{retry_after: number | null, words?: string}} bye @param {string} helpline */
export const bye = (bye, helpline) => bye.words || (bye.retry_after === null ? cannotConnect(helpline) : lost(helpline));

/**
 * Where the contact stands, honestly: what is not known is not said.
 * @param {{phase: string, position: number|null, wait_min: [number, number]|null, advisor: string|null, bot: string, open: boolean, staffed: boolean}} state
 * @param {string} helpline
 */
export function whereYouAre(state, helpline) {
  if (state.phase === "ended") return ENDED;
  if (state.phase === "with_advisor") return `You are talking to ${state.advisor || "an advisor"}.`;
  const here = state.staffed ? "" : ` No advisor is at their desk just now. You can call ${helpline}.`;
  const closed = state.open ? here : " The helpline is closed just now.";
  if (state.phase === "waiting") {
    const place = state.position === null ? "You are in the queue." : `You are number ${state.position} in the queue.`;
    return `${place}${state.position !== null && state.staffed && state.open ? wait(state.wait_min) : ""} People in danger go first.${closed}`;
  }
  return state.bot === "away"
    ? `The assistant is away. You can use the buttons.${closed}`
    : `An automated assistant is answering.${closed}`;
}

/** @param {[number, number]|null} range */
function wait(range) {
  if (!range) return " We don't know yet how long the wait is.";
  const [from, to] = range;
  return from === to ? ` The wait is often about ${to} minutes.` : ` The wait is often ${from} to ${to} minutes.`;
}
