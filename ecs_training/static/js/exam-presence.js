// A sign of life every quarter of a minute. Its answer brings whatever the server has decided
// meanwhile: another deadline, a hold, another device.

import { call } from "./exam-server.js";

const LONGEST = 15_000; // ms between two signs
const SPREAD = 3_000; // ms; a room that started together must not ask together
const WHILE_HELD = 5_000; // ms; nobody should lose time when the clock goes on

export class Presence {
  #next = 0;
  #asked = 0;

  // `sign` returns what to say; `onReply` gets the reply, or null without a network.
  constructor({ ref, sign, isHeld, onReply }) {
    Object.assign(this, { ref, sign, isHeld, onReply });
    document.addEventListener("visibilitychange", () => this.report());
    addEventListener("online", () => this.report());
  }

  async report() {
    clearTimeout(this.#next);
    const mine = ++this.#asked;
    let reply = null;
    try {
      reply = await call(`/attempts/${this.ref}/presence`, "POST", this.sign());
    } catch {
      // no network: answers that wait will say so
    }
    if (mine !== this.#asked) return; // overtaken: it says what was
    this.plan();
    this.onReply(reply);
  }

  // What is on its way by now says what was.
  forget() {
    this.#asked += 1;
    this.plan();
  }

  plan() {
    clearTimeout(this.#next);
    const wait = this.isHeld() ? WHILE_HELD : LONGEST - Math.random() * SPREAD;
    this.#next = setTimeout(() => this.report(), wait);
  }
}
