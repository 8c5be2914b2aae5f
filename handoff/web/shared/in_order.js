/** The entries of one contact as staff read them: in order. One that is missing is asked for, and a gap is never hidden. */

import { el } from "./text.js";

export class InOrder {
  /** Every entry up to this one is on the page. */
  whole = 0;
  /** @type {Set<number>} entries on the page beyond a gap */
  #beyond = new Set();
  /** @type {HTMLElement[]} */
  #signs = [];
  #waiting = false; // what is missing has been asked for, and the answer is not complete yet
  #log;
  #ask;

  /** @param {HTMLElement} log @param {(after: number) => unknown} ask for everything after this entry, once more */
  constructor(log, ask) {
    this.#log = log;
    this.#ask = ask;
  }

  /** Put an entry in its place. @param {number} seq @param {HTMLElement} node @returns {boolean} false: it is here already */
  take(seq, node) {
    if (seq <= this.whole || this.#beyond.has(seq)) return false;
    const newest = Math.max(this.whole, ...this.#beyond);
    const next = seq < newest && [...this.#beyond].filter((each) => each > seq).sort((a, b) => a - b)[0];
    if (next) this.#node(next)?.before(node);
    else this.#log.append(node);
    this.#beyond.add(seq);
    while (this.#beyond.delete(this.whole + 1)) this.whole += 1;
    if (seq > newest + 1) {
      this.#waiting = true;
      this.#ask(this.whole);
    }
    this.#drawGaps();
    return true;
  }

  /** A new line: everything after `whole` has been asked for again. */
  again() {
    this.#waiting = this.#beyond.size > 0;
    this.#drawGaps();
  }

  /** All that there is has been sent: what is missing still cannot be had. */
  answered() {
    this.#waiting = false;
    this.#drawGaps();
  }

  #drawGaps() {
    for (const sign of this.#signs.splice(0)) sign.remove();
    let before = this.whole;
    for (const seq of [...this.#beyond].sort((a, b) => a - b)) {
      if (seq > before + 1) {
        const sign = this.#sign(seq - before - 1);
        this.#node(seq)?.before(sign);
        this.#signs.push(sign);
      }
      before = seq;
    }
  }

  /** @param {number} count */
  #sign(count) {
    const missing = count === 1 ? "1 entry is missing here" : `${count} entries are missing here`;
    const words = this.#waiting ? `${missing}, and asked for again.` : `${missing}, and cannot be had. What you read is not all that was said.`;
    return el("p", { class: "gap" }, words);
  }

  /** @param {number} seq */
  #node(seq) {
    return this.#log.querySelector(`:scope > [data-seq="${seq}"]`);
  }
}
