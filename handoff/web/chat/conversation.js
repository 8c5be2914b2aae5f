/** One contact as the page knows it: the line, what must arrive, what was said, and what each frame of the server does. */

import { Line } from "/web/shared/line.js";
import { Shown } from "/web/shared/shown.js";
import { byId, el } from "/web/shared/text.js";
import { Composer } from "./composer.js";
import { Outbox } from "./outbox.js";
import { random } from "./place.js";
import { follow } from "./scroll.js";
import { Transcript } from "./transcript.js";
import * as words from "./words.js";

const TYPING_SHOWN_MS = 6000;
const GOT_MS = 100; // entries that come together are told of together

export class Conversation {
  #helpline;
  #onEnded;
  #onReopened;
  #onComplaintRefused;
  /** @type {any} the last frame `state` */
  #state = null;
  /** @type {string | undefined} as the last welcome gave it */
  #contact;
  /** @type {Set<number>} entries by an advisor */
  #advisors = new Set();
  #hidesEarlier = false;
  #typingTimer = 0;
  #gotTimer = 0;
  #hideAfterMs;
  #onLongAway;
  /** @type {number | null} since when the line is down */
  #downSince = null;
  #awayTimer = 0;

  /**
   * @param {{service: string, helpline: string, max: number, token: () => string | null, onEnded: () => void,
   *   onReopened: () => void, onComplaintRefused: (text: string, why: string) => void,
   *   hideAfterMs: number, onLongAway: () => void}} parts `onLongAway`: the line was down for longer than `hideAfterMs`
   */
  constructor({ service, helpline, max, token, onEnded, onReopened, onComplaintRefused, hideAfterMs, onLongAway }) {
    this.#hideAfterMs = hideAfterMs;
    this.#onLongAway = onLongAway;
    this.#helpline = helpline;
    this.#onEnded = onEnded;
    this.#onReopened = onReopened;
    this.#onComplaintRefused = onComplaintRefused;
    const lang = document.documentElement.lang;
    this.line = new Line({
      path: "/ws/person",
      hello: () => ({ t: "hello", v: 1, service, lang, token: token(), contact: this.#contact, after: this.transcript.last }),
      onFrame: (frame) => this.#on[frame.t]?.(frame),
      onDown: () => this.#down(),
      onBye: (frame) => this.#bye(frame),
    });
    this.outbox = new Outbox((frame) => this.line.send(frame));
    this.shown = new Shown((seq) => this.#wasShown(seq));
    this.transcript = new Transcript({
      log: byId("log"),
      onChoose: (seq, option, label) => this.#choose(seq, option, label),
      onShown: (node, seq) => this.shown.watch(node, seq),
      onAdded: follow(byId("scroll"), byId("newest")),
    });
    this.composer = new Composer({
      max,
      onSay: (text) => this.put("say", { text }, text),
      onTyping: () => this.line.send({ t: "typing" }),
    });
  }

  /** @param {{hidesEarlier: boolean}} how */
  open({ hidesEarlier }) {
    this.#hidesEarlier = hidesEarlier;
    if (hidesEarlier) this.transcript.hideAll();
    byId("state").textContent = words.CONNECTING;
    this.composer.show(true);
    this.line.open();
  }

  #down() {
    byId("lost").textContent ||= words.lost(this.#helpline);
    if (this.#downSince !== null) return;
    this.#downSince = Date.now();
    this.#awayTimer = window.setTimeout(() => this.#longAway(), this.#hideAfterMs);
  }

  /** Resume must not leak: somebody else may be at this screen now. Nothing is shown until it is asked for. */
  #longAway() {
    this.#up();
    this.line.close();
    this.#onLongAway();
  }

  #up() {
    this.#downSince = null;
    clearTimeout(this.#awayTimer);
  }

  /** Forget everything: memory and screen. */
  wipe() {
    this.#up();
    this.line.close();
    for (const part of [this.transcript, this.outbox, this.shown, this.composer]) part.clear();
    for (const id of ["state", "typing", "lost"]) byId(id).textContent = "";
    this.#state = null;
    this.#contact = undefined;
    this.#advisors.clear();
  }

  /** A frame that must arrive, and its line if it has words. @param {string} t @param {object} fields @param {string} [text] */
  put(t, fields, text) {
    const id = random(12);
    if (text) this.transcript.sending(id, text);
    this.outbox.put({ t, id, ...fields });
  }

  reveal() {
    this.#hidesEarlier = false;
    this.transcript.reveal();
  }

  /** On screen, in a page that is looked at; an advisor's words are seen then. @param {number} seq */
  #wasShown(seq) {
    const told = this.line.send({ t: "shown", seq });
    if (told && this.#advisors.has(seq)) this.line.send({ t: "seen", seq });
    return told;
  }

  /** In the status line, said once. @param {string} text @param {number} [ms] how long it stays */
  note(text, ms = 0) {
    const line = byId("typing");
    if (line.textContent !== text) line.textContent = text;
    clearTimeout(this.#typingTimer);
    if (ms) this.#typingTimer = window.setTimeout(() => (line.textContent = ""), ms);
  }

  /** @type {{[kind: string]: (frame: any) => void}} */
  #on = {
    welcome: (frame) => {
      // A device that slept wakes with its line before its timers.
      if (this.#downSince !== null && Date.now() - this.#downSince >= this.#hideAfterMs) return this.#longAway();
      this.#up();
      byId("lost").textContent = "";
      if (frame.gap) this.#gap(frame.head);
      if (this.#contact && this.#contact !== frame.contact) this.#continue();
      else if (frame.continues && this.transcript.last === 0) this.transcript.say(words.CONTINUES);
      this.#contact = frame.contact;
      if (this.#hidesEarlier) this.transcript.hideUpTo(frame.head);
      byId("reveal").hidden = !(this.#hidesEarlier && frame.head > 0);
      this.outbox.sendAgain();
      this.shown.again();
      this.#tellGot();
    },
    entry: (frame) => {
      if (frame.author === "advisor") {
        this.note("");
        this.#advisors.add(frame.seq);
      }
      if (frame.id) this.outbox.done(frame.id);
      this.transcript.add(frame);
      this.#gotTimer ||= window.setTimeout(() => this.#tellGot(), GOT_MS);
    },
    mark: (frame) => this.transcript.marks(frame.delivered, frame.read),
    ack: (frame) => {
      const sent = this.outbox.done(frame.id);
      this.transcript.settle(frame.id, frame.seq);
      if (sent?.t === "complain") this.note(words.COMPLAINT_SENT);
      if (sent?.t === "person") this.note("");
    },
    state: (frame) => {
      if (this.#state?.advisor && !frame.advisor) this.note(""); // nobody is there to be writing
      this.#state = frame;
      byId("state").textContent = words.whereYouAre(frame, this.#helpline);
      this.transcript.live(frame.live);
      if (frame.phase === "ended") this.#ended();
    },
    typing: (frame) => {
      if (frame.who === "person") return;
      const advisor = frame.who === "advisor";
      if (advisor && !this.#state?.advisor) return;
      const who = advisor ? this.#state?.advisor || words.ANSWERED_BY.advisor : words.ANSWERED_BY.bot;
      this.note(words.isWriting(who), TYPING_SHOWN_MS);
    },
    refused: (frame) => {
      const sent = /** @type {any} */ (this.outbox.done(frame.id));
      if (sent?.t === "choose") {
        this.transcript.chosen(sent.card_seq, null);
        this.transcript.drop(sent.id);
      }
      if (sent?.t === "complain") {
        this.note("");
        this.#onComplaintRefused(sent.text, frame.words);
      } else if (!sent || !this.transcript.refused(sent.id, frame.words, this.#waysOn(sent, frame.retry))) this.transcript.say(frame.words);
    },
    pong: () => this.shown.sure(),
  };

  #tellGot() {
    this.#gotTimer = 0;
    if (this.transcript.last) this.line.send({ t: "got", seq: this.transcript.last });
  }

  /** What was said between is gone; or, with a smaller head, the record went back and its numbers mean others now. @param {number} head */
  #gap(head) {
    if (head < this.transcript.last) {
      this.transcript.startOver();
      this.#advisors.clear();
      this.shown.clear();
    } else this.transcript.goOnAfterGap();
    this.transcript.say(words.GAP);
  }

  /** An ending was overturned (promise 12): what was said stays on screen, and the new contact counts from one. */
  #continue() {
    this.transcript.startOver();
    this.#advisors.clear();
    this.shown.clear();
    this.transcript.say(words.CONTINUES);
    this.#onReopened();
    this.composer.show(true);
  }

  /** @param {{code: string, words: string, retry_after: number | null}} frame */
  #bye(frame) {
    byId("lost").textContent = words.bye(frame, this.#helpline);
    if (frame.retry_after === null) this.#ended();
  }

  #ended() {
    this.composer.show(false);
    this.#onEnded();
  }

  /** @param {number} seq @param {string} option @param {string} label */
  #choose(seq, option, label) {
    this.transcript.chosen(seq, option);
    this.put("choose", { card_seq: seq, option }, label);
  }

  /** Words that were refused are not lost. @param {any} frame @param {boolean} retry */
  #waysOn(frame, retry) {
    /** @type {HTMLElement[]} */
    const buttons = [];
    /** @param {string} label @param {() => void} press */
    const button = (label, press) => {
      const node = el("button", { type: "button" }, label);
      node.addEventListener("click", press);
      buttons.push(node);
    };
    if (retry) button(words.SEND_AGAIN, () => (this.transcript.again(frame.id), this.outbox.put(frame)));
    if (frame.t === "say") button(words.CHANGE_IT, () => (this.transcript.drop(frame.id), this.composer.putBack(frame.text)));
    return buttons;
  }
}
