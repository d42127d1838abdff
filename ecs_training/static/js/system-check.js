// What can be known ahead of the day about this computer and its connection. Nothing of it is
// sent anywhere, and nothing found here keeps anybody from the test.

import { Store } from "./exam-store.js";

const ASKED = 20; // times
const BETWEEN = 250; // ms
const PATIENCE = 5_000; // ms for one answer
const SLOW = 1_000; // ms; below, nobody notices
const CLOCK_WRONG = 60_000; // ms
const NARROW = 320; // CSS px, the least that every page is made for

const list = document.querySelector("[data-checks]");
const verdict = list.querySelector("[data-verdict]");
const again = list.querySelector("[data-once-more]");
const hear = list.querySelector("[data-hear]");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

list.hidden = false;
document.querySelector("[data-without]").hidden = true;
again.addEventListener("click", look);
hear.addEventListener("click", () => {
  const speech = new SpeechSynthesisUtterance("This is how a question will be read to you.");
  speech.lang = "en-GB";
  speechSynthesis.cancel();
  speechSynthesis.speak(speech);
});
look();

async function look() {
  again.hidden = true;
  verdict.textContent = "";
  for (const line of list.querySelectorAll("[data-check]")) delete line.dataset.outcome;
  const found = [checkTabs(), checkScreen(), await checkStorage(), await checkVoice(), ...(await checkConnection())];
  const worst = ["bad", "warn", "ok"].find((outcome) => found.includes(outcome));
  verdict.textContent = {
    ok: "This computer is ready.",
    warn: "You can sit the test here. Read the notes above.",
    bad: "Try another browser, computer or connection, then check again. If nothing helps, call us: you can still sit the test.",
  }[worst];
  again.hidden = false;
}

function say(name, outcome, words) {
  const line = list.querySelector(`[data-check="${name}"]`);
  line.dataset.outcome = outcome;
  line.querySelector("[data-found]").textContent = words;
  return outcome;
}

async function checkConnection() {
  const took = [];
  let lost = 0;
  let clock = null;
  for (let n = 1; n <= ASKED; n += 1) {
    const began = performance.now();
    try {
      const reply = await fetch("/livez", { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE) });
      if (!reply.ok) throw new Error(reply.status);
      took.push(performance.now() - began);
      clock ??= reply.headers.get("Date");
    } catch {
      lost += 1;
    }
    list.querySelector('[data-check="connection"] [data-found]').textContent = `We ask our server: ${n} of ${ASKED}`;
    await sleep(BETWEEN);
  }
  return [judgeConnection(took, lost), judgeClock(clock)];
}

function judgeConnection(took, lost) {
  if (!took.length) return say("connection", "bad", "Our server did not answer once. Is the internet on?");
  const usual = took.sort((a, b) => a - b)[Math.floor(took.length / 2)];
  const seen = `It usually answers in ${(usual / 1000).toFixed(2)} seconds.`;
  if (lost) return say("connection", "warn", `${lost} of ${ASKED} tries got no answer. ${seen} Your answers are kept while the connection is away, but sit nearer to the router, or use a cable.`);
  if (usual > SLOW) return say("connection", "warn", `${seen} That is slow, and enough for the test. Teams may need more.`);
  return say("connection", "ok", `${ASKED} of ${ASKED} tries were answered. ${seen}`);
}

function judgeClock(date) {
  const apart = date ? Math.abs(Date.now() - Date.parse(date)) : 0;
  if (apart < CLOCK_WRONG) return say("clock", "ok", "Your computer’s clock is right.");
  const minutes = Math.round(apart / 60_000);
  return say("clock", "ok", `Your computer’s clock is ${minutes} ${minutes === 1 ? "minute" : "minutes"} wrong. That makes no difference to the test: our clock counts. But do not be late because of it.`);
}

// Answers that cannot be sent yet are kept here: put one there and read it again.
async function checkStorage() {
  const store = new Store("system-check");
  await store.write({ queue: ["tried"] });
  const kept = await store.read();
  await store.write(null);
  if (kept?.queue[0] === "tried") return say("storage", "ok", "Your browser can keep answers that wait for the connection.");
  return say("storage", "warn", "Your browser keeps nothing. If you close the page while the connection is lost, the last answers are gone. Is this a private window?");
}

function checkTabs() {
  if (navigator.locks && window.BroadcastChannel && AbortSignal.timeout) return say("tabs", "ok", "Your browser is new enough.");
  return say("tabs", "warn", "Your browser is old. The test works, but update it if you can.");
}

function checkScreen() {
  const wide = document.documentElement.clientWidth;
  if (wide >= NARROW) return say("screen", "ok", "Your screen is wide enough.");
  return say("screen", "warn", "Your screen is very narrow. Make the window wider, or the text smaller.");
}

async function checkVoice() {
  const voice = window.speechSynthesis;
  if (voice && !voice.getVoices().length) {
    await Promise.race([sleep(1000), new Promise((there) => voice.addEventListener?.("voiceschanged", there, { once: true }))]);
  }
  hear.hidden = !voice?.getVoices().length;
  if (!hear.hidden) return say("voice", "ok", "Your browser can read questions aloud, if you like.");
  return say("voice", "ok", "Your browser has no voice. You only need one if you want questions read aloud.");
}
