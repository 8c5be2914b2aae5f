/** The numbers of one's leases, kept in this tab so that a reload doesn't drop anybody. No words, no names. */

const KEY = "leases";

/** @returns {{[contact: string]: number}} */
const all = () => JSON.parse(sessionStorage.getItem(KEY) ?? "{}");

/** @param {string} contact */
export const held = (contact) => all()[contact];

/** @param {string} contact @param {number} leaseNo */
export function hold(contact, leaseNo) {
  sessionStorage.setItem(KEY, JSON.stringify({ ...all(), [contact]: leaseNo }));
}

/** @param {string} contact */
export function forget(contact) {
  const rest = all();
  delete rest[contact];
  sessionStorage.setItem(KEY, JSON.stringify(rest));
}
