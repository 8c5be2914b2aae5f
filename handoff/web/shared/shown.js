/**
 * What was really on screen: half of an entry, or half a screen of it, in a page that is being looked at.
 * A warning counts, a notice is *displayed*, and anything is *read*, only then.
 */

export class Shown {
  /** @type {Map<Element, number>} in view now, not yet told */
  #inView = new Map();
  /** @type {Set<number>} */
  #told = new Set();
  /** @type {Set<number>} told since the last answer to a heartbeat: told again after a reconnection */
  #inDoubt = new Set();
  #tell;
  #observer;

  /** @param {(seq: number) => boolean} tell false when there is no line */
  constructor(tell) {
    this.#tell = tell;
    this.#observer = new IntersectionObserver((changes) => this.#changed(changes), { threshold: [0, 0.25, 0.5, 0.75, 1] });
    document.addEventListener("visibilitychange", () => this.flush());
  }

  /** @param {Element} node @param {number} seq */
  watch(node, seq) {
    if (this.#told.has(seq)) return;
    /** @type {HTMLElement} */ (node).dataset.seq = String(seq);
    this.#observer.observe(node);
  }

  /** @param {IntersectionObserverEntry[]} changes */
  #changed(changes) {
    for (const { target, isIntersecting, intersectionRatio, intersectionRect } of changes) {
      const enough = intersectionRatio >= 0.5 || intersectionRect.height >= window.innerHeight / 2;
      if (isIntersecting && enough) this.#inView.set(target, Number(/** @type {HTMLElement} */ (target).dataset.seq));
      else this.#inView.delete(target);
    }
    this.flush();
  }

  flush() {
    if (document.visibilityState !== "visible") return;
    for (const [node, seq] of this.#inView) {
      if (!this.#tell(seq)) return; // kept until the line is back
      this.#told.add(seq);
      this.#inDoubt.add(seq);
      this.#inView.delete(node);
      this.#observer.unobserve(node);
    }
  }

  /** The server answered a heartbeat, so it has read everything before it. */
  sure() {
    this.#inDoubt.clear();
  }

  /** After a reconnection. */
  again() {
    for (const seq of this.#inDoubt) this.#tell(seq);
    this.flush();
  }

  clear() {
    this.#observer.disconnect();
    this.#inView.clear();
    this.#told.clear();
    this.#inDoubt.clear();
  }
}
