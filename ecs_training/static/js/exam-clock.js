// The time left: told by the server, counted by the page's own stopwatch, spoken seldom.
// Nobody's wall clock is asked, so a wrong or changed one makes no difference.

const MINUTE = 60_000;
const LOW = 5 * MINUTE;
const TICK = 250;
const DOUBT = 2_000; // the stopwatch stands still while some machines sleep
const CHANGE = 20_000; // less is the network's, not a change of the time
const SHOWN = 15_000; // ms for which what was spoken stands on the bar
const HIDDEN = "exam-clock-hidden";

export function wordTime(ms) {
  const seconds = Math.ceil(Math.max(0, ms) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const count = (number, thing) => `${number} ${thing}${number === 1 ? "" : "s"}`;

export function wordLength(ms) {
  const all = Math.ceil(Math.max(0, ms) / 1000);
  const [minutes, seconds] = [Math.floor(all / 60), all % 60];
  const parts = [minutes && count(minutes, "minute"), seconds && count(seconds, "second")];
  return parts.filter(Boolean).join(" and ") || "no time";
}

export class Clock {
  #face = document.querySelector("[data-remaining-ms]");
  #timer = this.#face.closest(".timer");
  #spoken = document.querySelector("[data-timer-spoken]");
  #fading = 0;
  #end;
  #stopped = null; // ms left while the clock stands still
  #half;
  #marks;
  #over = false;
  #corrected = false;
  #ticked = performance.now();
  #wall = Date.now();

  // `onEnd` is called when the time is up; `onDoubt` when the server should be asked;
  // `onGained` with the milliseconds that somebody was given.
  constructor({ onEnd, onDoubt, onGained = () => {} }) {
    Object.assign(this, { onEnd, onDoubt, onGained });
    this.#end = performance.now() + Number(this.#face.dataset.remainingMs);
    this.#half = Number(this.#face.dataset.totalMs) / 2;
    this.#arm();
    this.#offerHiding();
    const ask = document.querySelector("[data-ask-time]");
    ask.parentElement.hidden = false;
    ask.addEventListener("click", () => this.#answer());
    setInterval(() => this.#tick(), TICK);
    this.#tick();
  }

  // Milliseconds; below zero once the time is up.
  get left() {
    return this.#stopped ?? this.#end - performance.now();
  }

  correct(remainingMs, stopped = false) {
    const gained = remainingMs - this.left;
    // Nothing left says not how long ago that was; what is counted here does.
    if (remainingMs > 0 || this.left > 0) this.#end = performance.now() + remainingMs;
    this.#stopped = stopped ? remainingMs : null;
    if (remainingMs > 0) this.#over = false;
    if (gained > CHANGE) this.#arm();
    if (this.#corrected && gained > CHANGE) this.onGained(gained);
    if (this.#corrected && gained < -CHANGE && remainingMs > 0) this.#answer();
    this.#corrected = true;
    this.#show();
  }

  say(words) {
    this.#spoken.textContent = words;
    clearTimeout(this.#fading);
    // Words that go are not spoken, and a time that is no longer true must not be read.
    this.#fading = setTimeout(() => (this.#spoken.textContent = ""), SHOWN);
  }

  #answer() {
    this.say(`${wordLength(this.left)} left${this.#stopped === null ? "" : ". The clock is stopped"}`);
  }

  // The moments that are still to be spoken.
  #arm() {
    this.#marks = [...new Set([this.#half, 10 * MINUTE, 5 * MINUTE, MINUTE])]
      .filter((mark) => mark < this.left)
      .sort((a, b) => b - a);
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
    const face = wordTime(this.left);
    if (this.#face.textContent !== face) this.#face.textContent = face;
    this.#timer.classList.toggle("is-low", this.left <= LOW);
    if (this.#stopped !== null) return;
    let passed = 0;
    while (this.#marks.length && this.left <= this.#marks[0]) passed = this.#marks.shift();
    if (passed && this.left > 0) this.#speak(passed);
    if (this.left <= 0 && !this.#over) {
      this.#over = true;
      this.say("Time is up");
      this.onEnd();
    }
  }

  #speak(mark) {
    const left = `${wordLength(mark)} left`;
    this.say(mark === this.#half ? `Half of your time is over. ${left}` : left);
  }

  // Hidden stays hidden, on the next page too.
  #offerHiding() {
    try {
      if (localStorage.getItem(HIDDEN)) this.#timer.open = false;
      this.#timer.addEventListener("toggle", () => {
        if (this.#timer.open) localStorage.removeItem(HIDDEN);
        else localStorage.setItem(HIDDEN, "yes");
      });
    } catch {
      // no storage: it is hidden on this page only
    }
  }
}
