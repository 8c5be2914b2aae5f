/** Frames that must arrive: kept, in order, and sent again with the same id until the server has stored them (promise 4). */

export class Outbox {
  /** @type {Map<string, {t: string, id: string}>} */
  #waiting = new Map();
  #send;

  /** @param {(frame: object) => boolean} send false while there is no line; nothing is lost */
  constructor(send) {
    this.#send = send;
  }

  /** @param {{t: string, id: string, [field: string]: unknown}} frame */
  put(frame) {
    this.#waiting.set(frame.id, frame);
    this.#send(frame);
  }

  /** After a reconnection: everything not yet answered, again. */
  sendAgain() {
    for (const frame of this.#waiting.values()) this.#send(frame);
  }

  /** Acked or refused: the frame, if it was ours. @param {string | null | undefined} id */
  done(id) {
    const frame = id ? this.#waiting.get(id) : undefined;
    if (frame) this.#waiting.delete(frame.id);
    return frame;
  }

  clear() {
    this.#waiting.clear();
  }
}
