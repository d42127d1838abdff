// Answers on their way: in the order they were made, one at a time, again until they are
// acknowledged. What is not acknowledged is not called safe.

const LONGEST_WAIT = 8_000; // ms between tries
const PATIENCE = 10_000; // ms for one try
const COMPLAIN_AFTER = 2; // tries that failed

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const since = () => performance.timeOrigin + performance.now(); // outlasts a reload

export class Outbox {
  #queue = [];
  #inFlight = null;
  #pumping = false;
  #wake = () => {};
  blocked = ""; // "elsewhere", "signed-out" or "broken": somebody must decide first

  // `onReply` gets every good reply; `onChange` is told when what is safe has changed;
  // `onEnded` when the server says that nothing more counts.
  constructor({ ref, lease, seq, onReply, onChange, onEnded }) {
    Object.assign(this, { ref, lease, seq, onReply, onChange, onEnded, failures: 0 });
    addEventListener("online", () => this.retry());
  }

  get numbersWaiting() {
    return new Set(this.#queue.map((entry) => entry.n));
  }

  get waiting() {
    return this.numbersWaiting.size;
  }

  get failing() {
    return this.failures >= COMPLAIN_AFTER;
  }

  add(n, option, flagged, made = since()) {
    // An older answer to the same question need not travel any more.
    this.#queue = this.#queue.filter((entry) => entry.n !== n || entry === this.#inFlight);
    this.#queue.push({ n, option, flagged, made, seq: ++this.seq });
    this.#store();
    this.onChange();
    this.#pump();
  }

  // Answers that a reload interrupted, if the test has not been continued elsewhere since.
  restore() {
    const kept = JSON.parse(sessionStorage.getItem(this.#name) ?? "null");
    if (kept?.lease !== this.lease) return [];
    for (const { n, option, flagged, made } of kept.queue) this.add(n, option, flagged, made);
    return kept.queue;
  }

  retry() {
    this.#wake();
    this.#pump();
  }

  // Go on under a new lease, or after signing in again: what waits is numbered anew.
  resume({ lease, seq }) {
    Object.assign(this, { lease, seq, blocked: "", failures: 0 });
    for (const entry of this.#queue) entry.seq = ++this.seq;
    this.#store();
    this.onChange();
    this.retry();
  }

  block(why) {
    this.blocked = why;
    this.#wake();
    this.onChange();
  }

  get #name() {
    return `exam-${this.ref}`;
  }

  #store() {
    sessionStorage.setItem(this.#name, JSON.stringify({ lease: this.lease, queue: this.#queue }));
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
  }

  // Returns how long to wait before the next try, 0 if this one got its answer.
  async #send(entry) {
    const { seq } = entry;
    let reply;
    try {
      reply = await call(`/attempts/${this.ref}/responses/${entry.n}`, "PUT", {
        option: entry.option,
        flagged: entry.flagged,
        seq,
        lease: this.lease,
        age_ms: Math.max(0, Math.round(since() - entry.made)),
      });
    } catch {
      return this.#failed(0);
    }
    if (reply.status >= 500) return this.#failed(Number(reply.headers.get("Retry-After")) * 1000);
    this.failures = 0;
    this.#judge(entry, seq, reply);
    this.onChange();
    return 0;
  }

  #failed(told) {
    this.failures += 1;
    this.onChange();
    return told || Math.min(LONGEST_WAIT, 250 * 2 ** this.failures);
  }

  #judge(entry, seq, reply) {
    const { reason } = reply.body;
    if (reply.ok) {
      // Numbered anew while it travelled: it must be sent again under its new number.
      if (entry.seq === seq) this.#queue = this.#queue.filter((other) => other !== entry);
      this.#store();
      this.onReply(reply.body);
    } else if (reply.status === 410) {
      sessionStorage.removeItem(this.#name);
      this.#queue = [];
      this.onEnded();
    } else if (reply.status === 401 || reason === "form_expired") {
      this.blocked ||= "signed-out";
    } else if (reply.status === 409) {
      // Under a lease that has changed meanwhile, this says nothing about the new one.
      if (entry.seq === seq) this.blocked ||= "elsewhere";
    } else {
      this.blocked ||= "broken";
    }
  }
}

// Ask our server; `body` of the reply is its JSON, or an empty object.
export async function call(path, method = "GET", body = undefined) {
  const reply = await fetch(path, {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
    headers: {
      Accept: "application/json",
      ...(method === "GET" ? {} : { "X-CSRFToken": token().content }),
      ...(body ? { "Content-Type": "application/json" } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const { status, ok, headers, type } = reply;
  return { status, ok, headers, type, body: await reply.json().catch(() => ({})) };
}

export function token() {
  return document.querySelector('meta[name="csrf-token"]');
}
