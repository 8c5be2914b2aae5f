/**
 * One socket that comes back: hello first, a heartbeat, reconnection with backoff and jitter, and an honest word when
 * the line is down. It keeps no queue: what must arrive is kept by whoever sends it.
 */

const BEAT_MS = 15_000;
const MISSED = 2; // heartbeats without any answer before the line counts as dead
const FIRST_MS = 500;
const MOST_MS = 15_000;

/**
 * @typedef {object} LineOptions
 * @property {string} path
 * @property {() => object} hello the first frame of each connection
 * @property {(frame: any) => void} onFrame
 * @property {() => void} onDown
 * @property {(frame: {code: string, words: string, retry_after: number | null}) => void} [onBye]
 */

export class Line {
  /** True between the server's welcome and the end of that connection. */
  up = false;
  #options;
  /** @type {WebSocket | null} */
  #socket = null;
  #tries = 0;
  #unanswered = 0;
  #closed = false;
  /** @type {number | null} seconds; from `bye` */
  #after = null;
  #timer = 0;
  #beat = 0;

  /** @param {LineOptions} options */
  constructor(options) {
    this.#options = options;
    window.addEventListener("online", this.#now);
    document.addEventListener("visibilitychange", this.#now);
  }

  open() {
    this.#closed = false;
    this.#connect();
  }

  /** For good, until `open`. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    this.up = false;
    this.#socket?.close(1000); // a goodbye: without one the line counts as lost
    this.#socket = null;
  }

  /** @param {object} frame @returns {boolean} whether it was given to the socket */
  send(frame) {
    if (!this.up || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** The network or the page is back: don't wait for the timer. */
  #now = () => {
    if (!this.#closed && !this.#socket && this.#timer && document.visibilityState === "visible") this.#connect();
  };

  #connect() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + this.#options.path);
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify(this.#options.hello()));
      this.#unanswered = 0;
      clearInterval(this.#beat);
      this.#beat = window.setInterval(() => this.#heartbeat(socket), BEAT_MS);
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#receive(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#down();
    };
  }

  /** @param {any} frame */
  #receive(frame) {
    this.#unanswered = 0;
    if (frame.t === "welcome") {
      this.up = true;
      this.#tries = 0;
      this.#after = null;
    }
    if (frame.t === "bye") {
      this.#after = frame.retry_after;
      if (frame.retry_after === null) this.#closed = true;
      this.#options.onBye?.(frame);
      return;
    }
    this.#options.onFrame(frame);
  }

  /** @param {WebSocket} socket */
  #heartbeat(socket) {
    if (this.#unanswered >= MISSED) {
      this.#socket = null; // its own close event may take minutes on a dead network
      socket.close();
      this.#down();
      return;
    }
    this.#unanswered += 1;
    if (socket.readyState === WebSocket.OPEN) socket.send('{"t":"ping"}');
  }

  #down() {
    clearInterval(this.#beat);
    this.#socket = null;
    this.up = false;
    this.#options.onDown();
    if (this.#closed) return;
    const backoff = Math.min(MOST_MS, FIRST_MS * 2 ** this.#tries);
    this.#tries += 1;
    const wait = (this.#after ?? 0) * 1000 + backoff * (0.5 + Math.random() / 2);
    this.#after = null;
    this.#timer = window.setTimeout(() => this.#connect(), wait);
  }
}
