// Answers that still wait when the test is over: they count no more, but none is dropped in
// silence. The server keeps them, and the invigilator sees them.

import { call } from "./exam-server.js";
import { Store } from "./exam-store.js";

const ref = document.querySelector("script[data-attempt]").dataset.attempt;
const store = new Store(ref);
const kept = await store.read();

for (const { n, option, flagged, seq } of kept?.queue ?? []) {
  const body = { option, flagged, seq, lease: "", age_ms: 0 }; // nobody can tell their age now
  const { status } = await call(`/attempts/${ref}/responses/${n}`, "PUT", body);
  if (status !== 410) throw new Error(`late answer: ${status}`); // tried again at the next look
}
if (kept) await store.write(null);
