/**
 * The person's place: 256 random bits, in memory. Never in a URL or a cookie; only `hello` carries it.
 * *Keep my place in this tab* puts the token, and nothing else, in sessionStorage until exit or end.
 */

const KEY = "place";

/** @param {number} bytes */
export function random(bytes) {
  const raw = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Storage may be shut off by the browser; the chat works without. @returns {Storage | null} */
function storage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

export class Place {
  /** @type {string | null} */
  token = null;
  keeps = false;

  /** Was a place kept in this tab before a reload? */
  get kept() {
    return storage()?.getItem(KEY) ?? null;
  }

  start() {
    this.token = random(32);
    this.keep(this.keeps);
  }

  resume() {
    this.token = this.kept;
    this.keeps = true;
  }

  /** @param {boolean} on */
  keep(on) {
    this.keeps = on;
    if (on && this.token) storage()?.setItem(KEY, this.token);
    if (!on) storage()?.removeItem(KEY);
  }

  /** Memory and tab storage. */
  wipe() {
    this.token = null;
    this.keeps = false;
    storage()?.clear();
  }
}
