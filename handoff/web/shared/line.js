/**
 * One socket that comes back: hello first, a heartbeat, reconnection with backoff and jitter, and an honest word when
 * the line is down. It keeps no queue: what must arrive is kept by whoever sends it.
 *
 * A browser does not notice that the other side has gone without a word. So the line asks, and counts as lost within 30
 * seconds of silence; sooner after a sleep or a change of network. The server asks too (`ping`), and is answered from
 * where messages arrive: a hidden page's own timers may run once a minute.
 */

const BEAT_MS = 10_000;
const MISSED = 2; // heartbeats without any word from there before the line counts as dead
const WELCOME_MS = 30_000; // from the first try to any word from there
const ANSWER_MS = 12_000; // the same on a line that is in doubt
const FIRST_MS = 500;
const MOST_MS = 15_000;

/**
 * @typedef {object} LineOptions
 * @property {string} path
 * @property {() => object} hello the first frame of each connection
 * @property {(frame: any) => void} onFrame
 * @property {() => void} onDown
 * @property {(frame: {code: string, words: string, retry_after: number | null}) => void} [onBye]
 * @property {() => void} [onBeat] the server has just asked, as it does every ten seconds, also on a hidden page
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
  #doubt = 0;

  /** @param {LineOptions} options */
  constructor(options) {
    this.#options = options;
    window.addEventListener("online", this.#newNetwork);
    window.addEventListener("offline", this.#makeSure);
    window.addEventListener("pageshow", this.#awake);
    document.addEventListener("visibilitychange", this.#awake);
  }

  open() {
    this.#closed = false;
    this.#connect();
  }

  /** For good, until `open`. */
  close() {
    this.#closed = true;
    this.#stopClocks();
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

  /** The page is looked at again, perhaps after a sleep: a line that stands may be dead, one that is lost needn't wait. */
  #awake = () => {
    if (document.visibilityState !== "visible") return;
    if (this.up) this.#makeSure();
    else if (!this.#socket) this.#soon();
  };

  /** What was begun on the old network may never end. */
  #newNetwork = () => {
    if (this.up) this.#makeSure();
    else if (this.#socket) this.#lose();
    this.#soon();
  };

  #soon() {
    if (this.#timer && !this.#closed) this.#connect();
  }

  #makeSure = () => {
    if (!this.up || this.#doubt) return;
    this.#ping(this.#socket);
    this.#loseIn(ANSWER_MS);
  };

  /** Unless there is a word from there before. @param {number} ms */
  #loseIn(ms) {
    clearTimeout(this.#doubt);
    this.#doubt = window.setTimeout(() => this.#lose(), ms);
  }

  #connect() {
    this.#stopClocks();
    this.#loseIn(WELCOME_MS);
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
    clearTimeout(this.#doubt);
    this.#doubt = 0;
    if (frame.t === "ping") {
      this.#socket?.send('{"t":"pong"}');
      this.#options.onBeat?.();
      return;
    }
    if (frame.t === "pong") this.#tries = 0; // a line that held; one that breaks again and again waits longer each time
    if (frame.t === "welcome") {
      this.up = true;
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
    if (this.#unanswered >= MISSED) return this.#lose();
    this.#unanswered += 1;
    this.#ping(socket);
  }

  /** @param {WebSocket | null} socket */
  #ping(socket) {
    if (socket?.readyState === WebSocket.OPEN) socket.send('{"t":"ping"}');
  }

  /** The line is dead. Its own close event may take minutes. */
  #lose() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#down();
  }

  #stopClocks() {
    clearTimeout(this.#timer);
    clearTimeout(this.#doubt);
    clearInterval(this.#beat);
    this.#timer = this.#doubt = this.#beat = 0;
  }

  #down() {
    this.#stopClocks();
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
