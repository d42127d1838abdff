// The time left: told by the server, counted by the page's own stopwatch, spoken seldom.
// Nobody's wall clock is asked, so a wrong or changed one makes no difference.

const MINUTE = 60_000;
const LOW = 5 * MINUTE;
const TICK = 250;
const DOUBT = 2_000; // the stopwatch stands still while some machines sleep

export function wordTime(ms) {
  const seconds = Math.ceil(Math.max(0, ms) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export class Clock {
  #face = document.querySelector("[data-remaining-ms]");
  #spoken = document.querySelector("[data-timer-spoken]");
  #end;
  #half;
  #marks;
  #over = false;
  #ticked = performance.now();
  #wall = Date.now();

  // `onEnd` is called once, when the time is up; `onDoubt` when the server should be asked.
  constructor({ onEnd, onDoubt }) {
    this.onEnd = onEnd;
    this.onDoubt = onDoubt;
    this.#end = performance.now() + Number(this.#face.dataset.remainingMs);
    this.#half = Number(this.#face.dataset.totalMs) / 2;
    this.#marks = [...new Set([this.#half, 10 * MINUTE, 5 * MINUTE, MINUTE])]
      .filter((mark) => mark < this.left)
      .sort((a, b) => b - a);
    setInterval(() => this.#tick(), TICK);
    document.addEventListener("visibilitychange", () => document.hidden || this.onDoubt());
    this.#tick();
  }

  get left() {
    return this.#end - performance.now();
  }

  correct(remainingMs) {
    this.#end = performance.now() + remainingMs;
    this.#show();
  }

  #tick() {
    const now = performance.now();
    const wall = Date.now();
    const slept = Math.abs(wall - this.#wall - (now - this.#ticked)) > DOUBT;
    this.#ticked = now;
    this.#wall = wall;
    if (slept) this.onDoubt();
    this.#show();
  }

  #show() {
    this.#face.textContent = wordTime(this.left);
    this.#face.closest(".timer").classList.toggle("is-low", this.left <= LOW);
    let passed = 0;
    while (this.#marks.length && this.left <= this.#marks[0]) passed = this.#marks.shift();
    if (passed && this.left > 0) this.#speak(passed);
    if (this.left <= 0 && !this.#over) {
      this.#over = true;
      this.#spoken.textContent = "Time is up";
      this.onEnd();
    }
  }

  #speak(mark) {
    const minutes = Math.round(mark / MINUTE);
    const left = minutes === 1 ? "1 minute left" : `${minutes} minutes left`;
    this.#spoken.textContent = mark === this.#half ? `Half of your time is over. ${left}` : left;
  }
}
