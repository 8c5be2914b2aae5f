/**
 * The staff socket: writes carry an id and answer with a promise; what is safe to say twice is said again after a drop.
 */

import { Line } from "./line.js";
import { byId } from "./text.js";

/** The server knows these by their id, so that saying them again changes nothing. */
const SAFE_TWICE = new Set(["say", "note", "wrap_up"]);
const LOST = "The line to the server is lost. It is being tried again.";
const UNSURE = "The line was lost before this was confirmed. Look at the contact before you try again.";

const newId = () => crypto.randomUUID();

export class StaffLine {
  /** @type {Map<string, {frame: object, resolve: (frame: any) => void, reject: (why: Error) => void}>} */
  #writes = new Map();
  #line;

  /** @param {{onFrame: (frame: any) => void, onUp: () => void, onBeat?: () => void}} parts `onUp` after every welcome */
  constructor({ onFrame, onUp, onBeat }) {
    this.#line = new Line({
      path: "/ws/staff",
      hello: () => ({ t: "hello", v: 1 }),
      onFrame: (frame) => {
        if (frame.t === "welcome") this.#up(onUp);
        this.#settle(frame);
        onFrame(frame);
      },
      onDown: () => this.#down(),
      onBeat,
      onBye: (frame) => {
        byId("line").textContent = frame.words || LOST;
        if (frame.retry_after === null) window.location.assign("/staff/sign-in");
      },
    });
  }

  open() {
    this.#line.open();
  }

  /** Nothing is lost if this is: typing, seen, renew. @param {object} frame */
  tell(frame) {
    return this.#line.send(frame);
  }

  /**
   * @param {string} t @param {object} fields @returns {Promise<any>} the ack, or for a claim `claimed`.
   * Rejects with the server's words, or when the line was lost and the write may have happened.
   */
  write(t, fields) {
    const frame = { t, id: newId(), ...fields };
    return new Promise((resolve, reject) => {
      const sent = this.#line.send(frame);
      if (!sent && !SAFE_TWICE.has(t)) return reject(new Error(`${LOST} Nothing has been done.`));
      this.#writes.set(frame.id, { frame, resolve, reject });
    });
  }

  /** @param {() => void} onUp */
  #up(onUp) {
    byId("line").textContent = "";
    onUp();
    for (const { frame } of this.#writes.values()) this.#line.send(frame);
  }

  #down() {
    byId("line").textContent = LOST;
    for (const [id, { frame, reject }] of this.#writes) {
      if (SAFE_TWICE.has(/** @type {any} */ (frame).t)) continue;
      this.#writes.delete(id);
      reject(new Error(UNSURE));
    }
  }

  /** @param {any} frame */
  #settle(frame) {
    const write = frame.id && this.#writes.get(frame.id);
    if (!write || !["ack", "claimed", "refused"].includes(frame.t)) return;
    this.#writes.delete(frame.id);
    if (frame.t === "refused") write.reject(new Error(frame.words));
    else write.resolve(frame);
  }
}
