/** What has been said, in the server's order. The person's own lines stand at once as "sending" and settle on the ack. */

import { blocks, clock, el, inline } from "/web/shared/text.js";
import { drawCard, markChosen, setLive } from "./card.js";
import * as words from "./words.js";

export class Transcript {
  /** The last seq up to which nothing is missing: what `hello.after` asks from. */
  last = 0;
  /** @type {Set<number>} */
  #have = new Set();
  /** @type {Map<string, HTMLElement>} lines of ours without a seq, by client id */
  #pending = new Map();
  /** @type {Set<number>} */
  #live = new Set();
  #hideUpTo = 0;
  #delivered = 0;
  /** @type {Set<number>} entries that the advisor's page says were looked at */
  #read = new Set();
  #afterGap = false;
  #log;
  #onChoose;
  #onShown;
  #onAdded;

  /**
   * @param {{log: HTMLElement, onChoose: (seq: number, option: string, label: string) => void,
   *   onShown: (node: Element, seq: number) => void, onAdded: (node: HTMLElement, mine: boolean) => void}} parts
   */
  constructor({ log, onChoose, onShown, onAdded }) {
    this.#log = log;
    this.#onChoose = onChoose;
    this.#onShown = onShown;
    this.#onAdded = onAdded;
  }

  /** @param {any} entry of frames.Entry */
  add(entry) {
    if (this.#have.has(entry.seq)) return;
    if (entry.id && this.#pending.has(entry.id)) return this.settle(entry.id, entry.seq);
    const node = this.#draw(entry);
    this.#take(entry.seq);
    node.dataset.seq = String(entry.seq);
    this.#hide(node, entry.seq);
    this.#insert(node, entry.seq);
    if (entry.author === "person") this.#mark(node, entry.seq);
    if (this.#live.has(entry.seq)) setLive(node, true);
    this.#onShown(node, entry.seq);
    this.#onAdded(node, entry.author === "person");
  }

  /** Our own line, before the server has it. @param {string} id @param {string} text */
  sending(id, text) {
    const node = this.#line("person", words.YOU, "", document.createTextNode(text));
    node.append(el("p", { class: "sending" }, words.SENDING));
    this.#pending.set(id, node);
    this.#log.append(node);
    this.#onAdded(node, true);
  }

  /** Stored. @param {string} id @param {number} seq */
  settle(id, seq) {
    const node = this.#pending.get(id);
    if (!node) return;
    this.#pending.delete(id);
    if (this.#have.has(seq)) return node.remove();
    this.#take(seq);
    node.dataset.seq = String(seq);
    node.querySelector(".sending")?.replaceChildren(words.SENT);
    this.#insert(node, seq);
    this.#mark(node, seq);
  }

  /** Nothing happened with it: the reason stands beside the words, and what can be done. @param {string} id @param {string} why @param {HTMLElement[]} buttons */
  refused(id, why, buttons) {
    const note = this.#pending.get(id)?.querySelector(".sending");
    if (!note) return false;
    note.classList.add("refused");
    note.replaceChildren(`${why} `, ...buttons);
    return true;
  }

  /** @param {string} id */
  again(id) {
    const note = this.#pending.get(id)?.querySelector(".sending");
    note?.classList.remove("refused");
    note?.replaceChildren(words.SENDING);
  }

  /** @param {string} id */
  drop(id) {
    this.#pending.get(id)?.remove();
    this.#pending.delete(id);
  }

  /** A line of the page itself. @param {string} text */
  say(text) {
    const node = this.#line("event", "", "", document.createTextNode(text));
    this.#log.append(node);
    this.#onAdded(node, true);
  }

  /** How far the advisor's side has got: up to `delivered` it has our words; `read` itself was looked at. @param {number} delivered @param {number} read */
  marks(delivered, read) {
    this.#delivered = delivered;
    this.#read.add(read);
    for (const node of this.#log.querySelectorAll(":scope > .person[data-seq]")) this.#mark(node, Number(/** @type {HTMLElement} */ (node).dataset.seq));
  }

  /** Never says more than is known of this very entry. @param {Element} node @param {number} seq */
  #mark(node, seq) {
    const far = this.#read.has(seq) ? words.READ : seq <= this.#delivered ? words.DELIVERED : null;
    if (!far) return;
    const mark = node.querySelector(".sending") ?? node.appendChild(el("p", { class: "sending" }));
    mark.setAttribute("aria-live", "off"); // not read aloud for each line
    if (mark.textContent !== far) mark.textContent = far;
  }

  /** The next entry does not follow the last one, and nothing is missing that could still come. */
  goOnAfterGap() {
    this.#afterGap = true;
  }

  /** Which cards can be answered now. @param {number[]} seqs */
  live(seqs) {
    const before = this.#live;
    this.#live = new Set(seqs);
    for (const seq of before) if (!this.#live.has(seq)) setLive(this.#node(seq), false);
    for (const seq of this.#live) {
      const node = this.#node(seq);
      if (node) node.hidden = false; // a question still open is shown, whatever is hidden before it
      if (!before.has(seq)) setLive(node, true);
    }
  }

  /** @param {number} seq @param {string | null} option null: it was not taken */
  chosen(seq, option) {
    setLive(this.#node(seq), option === null && this.#live.has(seq));
    markChosen(this.#node(seq), option);
  }

  /** Keep what was said before out of sight until asked for. @param {number} upTo */
  hideUpTo(upTo) {
    this.#hideUpTo = upTo;
  }

  /** All that is on screen, words still on their way too. */
  hideAll() {
    this.hideUpTo(this.last);
    for (const node of this.#log.children) /** @type {HTMLElement} */ (node).hidden = true;
  }

  reveal() {
    this.#hideUpTo = 0;
    for (const node of this.#log.children) /** @type {HTMLElement} */ (node).hidden = false;
  }

  /** Another contact counts from one: what is on screen stays, without its numbers. */
  startOver() {
    for (const node of this.#log.children) {
      setLive(node, false);
      delete /** @type {HTMLElement} */ (node).dataset.seq;
    }
    this.#forget();
  }

  clear() {
    this.#log.replaceChildren();
    this.#forget();
  }

  #forget() {
    this.#have.clear();
    this.#pending.clear();
    this.#live.clear();
    this.#read.clear();
    this.#delivered = 0;
    this.#afterGap = false;
    this.last = this.#hideUpTo = 0;
  }

  /** @param {HTMLElement} node @param {number} seq */
  #hide(node, seq) {
    node.hidden = seq <= this.#hideUpTo && !this.#live.has(seq);
  }

  /** @param {number} seq */
  #take(seq) {
    this.#have.add(seq);
    if (this.#afterGap) this.last = Math.max(this.last, seq - 1);
    this.#afterGap = false;
    while (this.#have.has(this.last + 1)) this.last += 1;
  }

  /** @param {number} seq @returns {HTMLElement | null} */
  #node(seq) {
    return this.#log.querySelector(`:scope > [data-seq="${seq}"]`);
  }

  /** By seq, before lines that have none yet; a node already in its place is not moved, so it isn't read aloud twice. @param {HTMLElement} node @param {number} seq */
  #insert(node, seq) {
    let before = this.#log.lastElementChild;
    while (before && before !== node && this.#after(before, seq)) before = before.previousElementSibling;
    if (before === node) return;
    if (before) before.after(node);
    else this.#log.prepend(node);
  }

  /** @param {Element} node @param {number} seq */
  #after(node, seq) {
    const its = /** @type {HTMLElement} */ (node).dataset.seq;
    return its ? Number(its) > seq : [...this.#pending.values()].includes(/** @type {HTMLElement} */ (node));
  }

  /** @param {any} entry */
  #draw(entry) {
    const who = entry.author === "person" ? words.YOU : entry.name || words.ANSWERED_BY[entry.author];
    if (entry.card) {
      const body = drawCard(entry, (option, label) => this.#onChoose(entry.seq, option, label));
      return el("div", { class: `entry ${entry.author}` }, el("p", { class: "who" }, who), body);
    }
    if (entry.kind === "event") return this.#line("event", "", "", blocks(entry.text));
    if (entry.author === "person") return this.#line("person", who, entry.at, document.createTextNode(entry.text));
    const said = entry.author === "advisor" ? inline(entry.text, { numbersOnly: true }) : blocks(entry.text);
    return this.#line(entry.author, who, entry.at, said);
  }

  /** @param {string} author @param {string} who @param {string} at @param {Node} said */
  #line(author, who, at, said) {
    const node = el("div", { class: `entry ${author}` });
    if (who) node.append(el("p", { class: "who" }, at ? `${who}, ${clock(at)}` : who));
    node.append(el("div", { class: "said" }, said));
    return /** @type {HTMLElement} */ (node);
  }
}
