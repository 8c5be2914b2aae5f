/** One contact an advisor holds: what is said, the box for words, what to know first, what can be done. */

import { drawEntry } from "/web/shared/entries.js";
import { InOrder } from "/web/shared/in_order.js";
import { Shown } from "/web/shared/shown.js";
import { el } from "/web/shared/text.js";
import { drawAction, drawActions, heldActions, note, wrapUp } from "./actions.js";
import { drawAsked, drawConsult, drawHandOn } from "./hand_on.js";
import { drawNotes, drawSummary } from "./summary.js";

const TYPING_MS = 3000;
const GOT_MS = 100; // entries that come together are told of together
const LOST = {
  lease: "You no longer hold this person: your line was away too long. They are at the front of the queue.",
  released: "You gave this person back to the queue.",
  ended: "This contact has ended.",
  handed_on: "Your colleague has this person now.",
  asked: "You are no longer asked about this contact.",
};

export class Contact {
  unread = 0;
  leaseNo = 0;
  held = true;
  #desk;
  #onGone;
  #delivered = 0;
  /** @type {Set<number>} our entries that the person's page says were looked at */
  #read = new Set();
  #gotTimer = 0;
  #shown;
  #inOrder;
  #typedAt = -Infinity;
  #typingTimer = 0;
  #log = el("div", { class: "transcript", role: "log", tabindex: "0", "aria-label": "What has been said" });
  #typing = el("p", { class: "soft small", role: "status" });
  #said = el("p", { role: "status" });
  #box = /** @type {HTMLTextAreaElement} */ (el("textarea", { rows: "3", autocomplete: "off" }));
  #form = el("form", { autocomplete: "off", class: "stack" });
  #facts = el("div", {});
  #notes = el("div", {});
  #acts = el("div", {});
  #asked = el("div", {});
  node = el("div", { class: "stack" });
  side = el("div", { class: "stack" });

  /**
   * @param {string} id @param {string} service @param {import("/web/shared/staff.js").StaffLine} desk
   * @param {(why: "released" | "ended" | "handed_on" | "asked") => void} onGone after this page itself gave back, ended …
   * @param {{how: string, accept: () => Promise<unknown>} | null} [asked] a colleague holds the person, and asks
   */
  constructor(id, service, desk, onGone, asked = null) {
    this.id = id;
    this.asking = asked !== null;
    this.held = !asked;
    this.service = service;
    this.#desk = desk;
    this.#onGone = onGone;
    this.#shown = new Shown((seq) => desk.tell({ t: "seen", contact: id, seq }));
    this.#inOrder = new InOrder(this.#log, (after) => desk.tell({ t: "open", contact: id, after }));
    this.#form.append(
      el("label", {}, "To the person", this.#box),
      el("div", { class: "row" }, el("button", { type: "submit", class: "primary" }, "Send"),
        el("span", { class: "soft small" }, "Enter sends. Nothing about yourself, no private contact, no meeting.")), // M9
    );
    this.#form.addEventListener("submit", (event) => (event.preventDefault(), this.#say()));
    this.#box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#say();
    });
    this.#box.addEventListener("input", (event) => {
      if (event.timeStamp - this.#typedAt < TYPING_MS) return;
      this.#typedAt = event.timeStamp;
      desk.tell({ t: "typing", contact: id });
    });
    this.node.append(this.#log, this.#typing, this.#said, this.#form);
    this.side.append(this.#facts, this.#asked, el("h3", {}, "What you can do"), this.#acts, el("h3", {}, "Notes"), this.#notes);
    /** @type {import("./hand_on.js").Write} */
    const write = (t, fields) => this.write(t, fields);
    if (asked) {
      this.#form.hidden = true;
      this.#said.textContent = asked.how === "transfer" ? "A colleague asks you to take over. You can read it all first." : "A colleague asks you. You can read it all, and write a note.";
      const does = [note(write), { title: "Done", says: "You stop reading. Your colleague goes on with the person.", yes: "Stop reading", run: () => write("turn_down") }];
      if (asked.how === "transfer") does.unshift({ title: "Take over", says: "The person is told that you go on with them.", yes: "Take over", run: asked.accept });
      this.#acts.append(drawActions(does));
    } else {
      const acts = drawActions(heldActions(write));
      acts.prepend(drawHandOn(write), drawConsult(write));
      this.#acts.append(acts);
    }
  }

  /** A write on this contact, fenced by the lease. @param {string} t @param {object} [fields] */
  async write(t, fields = {}) {
    const fence = t === "wrap_up" || this.asking ? {} : { lease_no: this.leaseNo };
    const ack = await this.#desk.write(t, { contact: this.id, ...fence, ...fields });
    if (t === "release" || t === "end") this.#onGone(t === "end" ? "ended" : "released");
    if (t === "transfer" && /** @type {any} */ (fields).how !== "warm") this.#onGone(/** @type {any} */ (fields).how === "queue" ? "released" : "handed_on");
    if (t === "turn_down") this.#onGone("asked");
    return ack;
  }

  async #say() {
    const text = this.#box.value;
    if (!text.trim()) return;
    this.#box.value = "";
    const waiting = el("div", { class: "line advisor" }, el("p", { class: "words" }, text), el("p", { class: "mark" }, "Sending…"));
    this.#log.append(waiting);
    this.#toEnd();
    try {
      await this.write("say", { text });
      waiting.remove();
      this.#said.textContent = "";
    } catch (why) {
      waiting.remove();
      this.#box.value = this.#box.value ? `${text}\n${this.#box.value}` : text; // nothing is lost
      this.#said.textContent = /** @type {Error} */ (why).message;
    }
  }

  /** Every entry up to this one is here. */
  get whole() {
    return this.#inOrder.whole;
  }

  /** @param {any} frame of frames.StaffEntry @param {boolean} onScreen */
  entry({ entry, flagged }, onScreen) {
    const atEnd = this.#log.scrollTop >= this.#log.scrollHeight - this.#log.clientHeight - 40;
    const node = drawEntry(entry, flagged);
    if (entry.author === "advisor") node.append(el("p", { class: "mark", "data-mark": "" }));
    if (!this.#inOrder.take(entry.seq, node)) return;
    this.#drawMarks();
    this.#gotTimer ||= window.setTimeout(() => this.#tellGot(), GOT_MS);
    if (entry.author === "person" && this.held) this.#shown.watch(node, entry.seq);
    if (entry.author === "person") this.#typing.textContent = "";
    if (onScreen) this.read();
    else if (entry.author === "person") this.unread += 1;
    if (atEnd) this.#toEnd();
  }

  /** It is the one on this page now. What of it is looked at, each entry says for itself. */
  read() {
    this.unread = 0;
  }

  #tellGot() {
    this.#gotTimer = 0;
    if (this.held && this.whole) this.#desk.tell({ t: "got", contact: this.id, seq: this.whole });
  }

  /** After a reconnection. */
  again() {
    this.#inOrder.again();
    this.#tellGot();
    if (this.held) this.#shown.again();
  }

  /** The server has read all that was told. */
  sure() {
    this.#shown.sure();
  }

  /** @param {any} frame of frames.Summary */
  summary(frame) {
    this.#inOrder.answered(); // it comes after the entries
    this.#facts.replaceChildren(drawSummary(frame));
    this.#notes.replaceChildren(frame.notes.length ? drawNotes(frame.notes) : el("p", { class: "soft" }, "No notes."));
    if (this.held) this.#asked.replaceChildren(drawAsked(frame.asked, (t, fields) => this.write(t, fields)));
  }

  /** @param {{delivered: number, read: number}} marks */
  mark(marks) {
    this.#delivered = marks.delivered;
    this.#read.add(marks.read);
    this.#drawMarks();
  }

  typing() {
    this.#typing.textContent = "The person is writing.";
    clearTimeout(this.#typingTimer);
    this.#typingTimer = window.setTimeout(() => (this.#typing.textContent = ""), 6000);
  }

  /** @param {"lease" | "released" | "ended" | "handed_on" | "asked"} why */
  lost(why) {
    if (!this.held && !this.asking) return;
    this.held = this.asking = false;
    this.#shown.clear();
    this.#asked.replaceChildren();
    this.#form.hidden = true;
    this.#said.textContent = LOST[why];
    this.#acts.replaceChildren();
    if (why !== "ended") return;
    const last = /** @type {HTMLDetailsElement} */ (drawAction(wrapUp((t, fields) => this.write(t, fields))));
    last.open = true; // M11; it never stops you from claiming
    this.#acts.append(last);
  }

  #drawMarks() {
    for (const node of this.#log.querySelectorAll("[data-mark]")) {
      const seq = Number(node.parentElement?.dataset.seq);
      node.textContent = this.#read.has(seq) ? "Read" : seq <= this.#delivered ? "Delivered" : "Sent";
    }
  }

  #toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  focus() {
    (this.held ? this.#box : this.#log).focus();
  }
}
