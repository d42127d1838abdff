// Answers that wait, kept on this computer until the server has them. IndexedDB rather than
// localStorage: Chromium writes the latter up to five seconds later, and a crash in between
// loses it. No words of any question are kept, and signing out wipes it all.

const NAME = "exam";
const PATIENCE = 2_000; // ms; some browsers never answer, and the test must begin
const STALE = 24 * 60 * 60_000; // ms; no attempt lasts as long

const settled = (request, done) =>
  new Promise((resolve, reject) => {
    request[done] = () => resolve(request.result);
    request.onerror = request.onabort = () => reject(request.error);
  });

export class Store {
  #opened = null;

  // Only its owner can open an attempt, so its reference keeps people apart.
  constructor(ref) {
    this.ref = ref;
  }

  // What waits from an earlier page, or null.
  async read() {
    try {
      const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
      const kept = await Promise.race([this.#change("readonly", (store) => store.get(this.ref)), late]);
      this.#forgetStale().catch(() => {});
      return kept ?? null;
    } catch {
      return null;
    }
  }

  // Without a value, forget. Writes come to pass in the order in which they were asked for.
  async write(value) {
    try {
      await this.#change("readwrite", (store) =>
        value ? store.put({ ...value, at: Date.now() }, this.ref) : store.delete(this.ref));
    } catch {
      // No storage: what waits is on the page alone, and leaving the page asks first.
    }
  }

  async #change(mode, work) {
    const database = await this.#open();
    const change = database.transaction(NAME, mode, { durability: "strict" });
    const request = work(change.objectStore(NAME));
    change.commit?.();
    await settled(change, "oncomplete");
    return request.result;
  }

  #open() {
    if (this.#opened) return this.#opened;
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME);
    this.#opened = settled(request, "onsuccess");
    this.#opened.then(
      (database) => (database.onclose = () => (this.#opened = null)), // wiped by signing out
      () => (this.#opened = null),
    );
    return this.#opened;
  }

  async #forgetStale() {
    const database = await this.#open();
    const cursor = database.transaction(NAME, "readwrite").objectStore(NAME).openCursor();
    cursor.onsuccess = () => {
      const found = cursor.result;
      if (!found) return;
      if (!(Math.abs(Date.now() - found.value.at) < STALE)) found.delete();
      found.continue();
    };
  }
}
