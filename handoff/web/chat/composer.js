/** The box for words. Unsent words never leave the page: only "typing", at most every three seconds. */

import { byId } from "/web/shared/text.js";
import { charactersLeft, tooLong } from "./words.js";

const TYPING_MS = 3000;
const WARN_AT = 200; // characters left

/** The server counts characters, not UTF-16 units. @param {string} text */
export const countCharacters = (text) => [...text].length;

export class Composer {
  #box = /** @type {HTMLTextAreaElement} */ (byId("words"));
  #form = /** @type {HTMLFormElement} */ (byId("composer"));
  #left = byId("words-left");
  #typedAt = -Infinity;
  #max;
  #onSay;

  /** @param {{max: number, onSay: (text: string) => void, onTyping: () => void}} parts */
  constructor({ max, onSay, onTyping }) {
    this.#max = max;
    this.#onSay = onSay;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#box.addEventListener("input", (event) => {
      this.#count();
      if (!this.#box.value || event.timeStamp - this.#typedAt < TYPING_MS) return;
      this.#typedAt = event.timeStamp;
      onTyping();
    });
  }

  #submit() {
    const text = this.#box.value;
    if (!text.trim() || countCharacters(text) > this.#max) return this.#count();
    this.#box.value = "";
    this.#count();
    this.#onSay(text);
  }

  #count() {
    const left = this.#max - countCharacters(this.#box.value);
    this.#left.textContent = left < 0 ? tooLong(-left, this.#max) : left <= WARN_AT ? charactersLeft(left) : "";
    this.#box.setAttribute("aria-invalid", String(left < 0));
  }

  /** Words that were refused, back to be changed; never over what is being written. @param {string} text */
  putBack(text) {
    this.#box.value = this.#box.value ? `${text}\n${this.#box.value}` : text;
    this.#count();
    this.#box.focus();
  }

  /** @param {boolean} shown */
  show(shown) {
    this.#form.hidden = !shown;
  }

  clear() {
    this.#box.value = "";
    this.#count();
  }
}
