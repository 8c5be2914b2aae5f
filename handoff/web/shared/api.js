/** The staff HTTP API: JSON in, JSON out; an error carries words for people. */

export class Refused extends Error {
  /** @param {string} code @param {string} words */
  constructor(code, words) {
    super(words);
    this.code = code;
  }
}

/** @param {string} path @param {RequestInit} [init] @returns {Promise<any>} */
async function call(path, init) {
  const response = await fetch(`/staff/api${path}`, { ...init, redirect: "error" });
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) window.location.assign("/staff/sign-in");
  if (!response.ok) throw new Refused(body.code ?? String(response.status), body.words ?? "That did not work. Load the page again.");
  return body;
}

/** @param {string} path */
export const get = (path) => call(path);

/** @param {string} path @param {object} [body] */
export const post = (path, body = {}) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
