// One tab writes. A second one is found by a lock of the browser, and told; whoever goes on
// there sends word to the first.

const TRIES = 4; // a page that is just being left may hold the lock for a moment
const PAUSE = 150; // ms

export class OneTab {
  #name;
  #channel;
  #release = null;

  constructor(ref, onTaken) {
    this.#name = `exam-${ref}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.addEventListener("message", () => {
      this.#release?.();
      this.#release = null;
      onTaken();
    });
  }

  // Say whether this tab is the only one; it stays so until it is gone, or another takes over.
  async claim() {
    if (!navigator.locks) return true;
    for (let tried = 0; tried < TRIES; tried += 1) {
      if (await this.#hold({ ifAvailable: true })) return true;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return false;
  }

  take() {
    this.#channel.postMessage("taken over");
    if (navigator.locks && !this.#release) this.#hold({});
  }

  #hold(how) {
    return new Promise((resolve) => {
      navigator.locks.request(this.#name, how, (lock) => {
        resolve(Boolean(lock));
        return lock && new Promise((release) => (this.#release = release));
      });
    });
  }
}
