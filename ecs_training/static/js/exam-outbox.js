// Answers on their way: in the order they were made, one at a time, again until they are
// acknowledged. What is not acknowledged is not called safe.

import { call } from "./exam-server.js";

const LONGEST_WAIT = 8_000; // ms between tries
const COMPLAIN_AFTER = 2; // tries that failed

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const word = ({ option, flagged }) => `${option ?? ""}${flagged ? "!" : ""}`;

export class Outbox {
  #queue = [];
  #inFlight = null;
  #pumping = false;
  #wake = () => {};
  #ended = false;
  // "elsewhere", "signed-out", "held" or "broken": something must happen first
  blocked = "";
  failures = 0;

  // `saved` is what the server has of each question. `onReply` gets every good reply;
  // `onChange` is told when what is safe has changed; `onRefused` gets what the server says
  // about the sign-in; `onEnded` is called when nothing more counts and nothing waits.
  constructor({ ref, lease, seq, saved, clock, store, onReply, onChange, onRefused, onEnded }) {
    Object.assign(this, { ref, lease, seq, clock, store, onReply, onChange, onRefused, onEnded });
    this.saved = saved.map(word);
    addEventListener("online", () => this.retry());
  }

  // The newest answer of each question that waits, by its number.
  get unsent() {
    return new Map(this.#queue.map((entry) => [entry.n, entry]));
  }

  get waiting() {
    return this.unsent.size;
  }

  get failing() {
    return this.failures >= COMPLAIN_AFTER;
  }

  // `left` is what the clock showed: so its age is known after a reload too, without asking
  // anybody's wall clock. `over` is what the server may hold if nobody else has answered.
  add(n, option, flagged) {
    this.#put({ n, option, flagged, left: this.clock.left, over: [this.saved[n - 1]] });
    this.#changed();
    this.#pump();
  }

  #put({ n, option, flagged, left, over }) {
    const older = this.#queue.filter((entry) => entry.n === n);
    const known = new Set([...over, ...older.flatMap((entry) => [...entry.over, word(entry)])]);
    // An older answer to the same question need not travel any more.
    this.#queue = this.#queue.filter((entry) => entry.n !== n || entry === this.#inFlight);
    this.#queue.push({ n, option, flagged, left, over: [...known], seq: ++this.seq });
  }

  // Go on under this lease with all that waits: here, and on this computer since a reload, a
  // closed tab or a crash. Returns the questions that were answered elsewhere since; their
  // answers here are given up.
  async resume({ lease, seq, saved }) {
    const kept = await this.store.read();
    const all = [...(kept?.queue ?? []), ...this.#queue];
    Object.assign(this, { lease, saved: saved.map(word), failures: 0 });
    this.seq = Math.max(seq, kept?.seq ?? 0); // that one may still be on its way
    this.#queue = [];
    for (const entry of all) this.#put(entry);
    const twice = this.#queue.filter((entry) => ![...entry.over, word(entry)].includes(this.saved[entry.n - 1]));
    this.#queue = this.#queue.filter((entry) => !twice.includes(entry));
    this.blocked = "";
    this.#changed();
    this.retry();
    return twice.map((entry) => entry.n);
  }

  retry() {
    this.#wake();
    this.#pump();
  }

  block(why) {
    this.blocked = why;
    this.#wake();
    this.onChange();
  }

  unblock(why) {
    if (this.blocked !== why) return;
    this.blocked = "";
    this.onChange();
    this.retry();
  }

  // Nothing counts any more. What waits still goes out: the server keeps it as too late.
  end() {
    if (this.#ended) return;
    this.#ended = true;
    this.blocked = "";
    this.onChange();
    if (this.#queue.length) this.retry();
    else this.onEnded();
  }

  #changed() {
    this.store.write(this.#queue.length ? { seq: this.seq, queue: this.#queue } : null);
    this.onChange();
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#queue.length && !this.blocked) {
      this.#inFlight = this.#queue[0];
      const wait = await this.#send(this.#inFlight);
      this.#inFlight = null;
      if (wait) await Promise.race([sleep(wait), new Promise((wake) => (this.#wake = wake))]);
    }
    this.#pumping = false;
    if (this.#ended && !this.#queue.length) this.onEnded();
  }

  // Returns how long to wait before the next try, 0 if this one got its answer.
  async #send(entry) {
    const { n, option, flagged, left, seq } = entry;
    let reply;
    try {
      reply = await call(`/attempts/${this.ref}/responses/${n}`, "PUT", {
        option,
        flagged,
        seq,
        lease: this.lease,
        age_ms: Math.max(0, Math.round(left - this.clock.left)),
      });
    } catch {
      return this.#failed(0);
    }
    if (reply.status >= 500) return this.#failed(Number(reply.headers.get("Retry-After")) * 1000);
    this.failures = 0;
    this.#judge(entry, reply);
    this.#changed();
    return 0;
  }

  #failed(told) {
    this.failures += 1;
    this.onChange();
    return told || Math.min(LONGEST_WAIT, 250 * 2 ** this.failures);
  }

  #judge(entry, reply) {
    const { reason } = reply.body;
    if (reply.ok) {
      this.#drop(entry);
      this.saved[entry.n - 1] = word(entry);
      this.onReply(reply.body);
    } else if (reply.status === 410) {
      this.#drop(entry);
      this.#ended = true;
    } else if (reply.status === 423) {
      this.blocked ||= "held";
    } else if (reply.status === 409) {
      // Numbered anew under another lease meanwhile: this says nothing about that one.
      if (this.#queue.includes(entry)) this.blocked ||= "elsewhere";
    } else if (reply.status === 401 || reply.status === 404 || reason === "form_expired") {
      this.blocked ||= "signed-out";
      this.onRefused(reply);
    } else {
      this.blocked ||= "broken";
    }
  }

  #drop(entry) {
    this.#queue = this.#queue.filter((other) => other !== entry);
  }
}
