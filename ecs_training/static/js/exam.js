// The test in one document: the paper is fetched once, every click is saved by itself, and a
// lost network stops nobody. Without this file every page of the test works by itself.

import { Clock } from "./exam-clock.js";
import { Outbox, call, token } from "./exam-outbox.js";
import { View } from "./exam-view.js";

const LAST_ANSWERS = 9_000; // ms after the end that an answer on its way may still take

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const root = document.querySelector("[data-question]");
const completion = document.querySelector("form[data-completion]");

if (root?.dataset.lease) sitHere(root.dataset);
else if (root || completion) watchTheClock();

// A page without the paper: the review as the server shows it, or a test held elsewhere.
function watchTheClock() {
  const look = () => location.reload(); // the server finishes what is out of time
  new Clock({ onEnd: () => (completion ? completion.submit() : look()), onDoubt: () => {} });
}

async function sitHere({ attempt: ref, lease, seq, result, practice }) {
  const exam = { ref, result, clock: null, view: null, outbox: null, answered: 0, ending: false };
  exam.clock = new Clock({ onEnd: () => end(exam), onDoubt: () => ask(exam) });
  document.querySelector("#answer").addEventListener("change", () => (exam.touched = true), { once: true });
  offerShortcuts(exam);
  const loaded = await load(ref);
  if (!loaded) return; // the form on the page goes on working
  const [paper, saved] = loaded;
  if (!saved.lease_held) return location.reload();
  exam.answers = saved.responses.map(({ option, flagged }) => ({ option, flagged }));
  exam.view = new View({ ref, practice: practice === "yes", paper: paper.questions, answers: exam.answers });
  exam.answered = exam.view.answered;
  exam.clock.correct(saved.remaining_ms);
  exam.outbox = new Outbox({
    ref,
    lease,
    seq: Math.max(Number(seq), saved.seq),
    onReply: (reply) => hear(exam, reply),
    onChange: () => tell(exam),
    onEnded: () => leave(exam),
  });
  for (const { n, option, flagged } of exam.outbox.restore()) exam.answers[n - 1] = { option, flagged };
  keepWhatIsOnThePage(exam);
  listen(exam);
  history.replaceState(null, "", location.href);
  exam.view.showQuestion(exam.view.n, { arriving: false });
  exam.view.refresh();
  tell(exam);
  beTheOnlyTab(exam);
}

async function load(ref) {
  for (const wait of [500, 1000, 2000, 4000, 8000]) {
    try {
      const replies = await Promise.all(["paper", "responses"].map((what) => call(`/attempts/${ref}/${what}`)));
      if (replies.every((reply) => reply.ok)) return replies.map((reply) => reply.body);
      if (replies.some((reply) => reply.status < 500)) location.reload();
    } catch {
      // the network is away; try again
    }
    await sleep(wait);
  }
  return null;
}

// Somebody may have chosen an answer before the paper was here.
function keepWhatIsOnThePage(exam) {
  if (exam.touched) answer(exam);
}

function listen(exam) {
  const form = document.querySelector("#answer");
  form.addEventListener("change", () => answer(exam));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(exam, event.submitter?.value ?? "next");
  });
  document.addEventListener("click", (event) => follow(exam, event));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-completion]")) return;
    event.preventDefault();
    complete(exam);
  }, true);
  addEventListener("popstate", () => arrive(exam));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  addEventListener("beforeunload", (event) => exam.outbox.waiting && !exam.ending && event.preventDefault());
  document.querySelector("[data-take-over]").addEventListener("click", () => takeOver(exam));
  document.querySelector("[data-again]").addEventListener("click", () => renew(exam));
  document.querySelector("[data-reload]").addEventListener("click", () => location.reload());
}

function answer(exam) {
  const { n } = exam.view;
  const option = document.querySelector("[name=option]:checked")?.value ?? null;
  const flagged = document.querySelector("#flagged-yes").checked;
  exam.answers[n - 1] = { option, flagged };
  exam.view.refresh();
  exam.outbox.add(n, option, flagged);
}

function go(exam, where) {
  const { n, outOf } = exam.view;
  const wanted = { next: n + 1, previous: Math.max(1, n - 1), review: outOf + 1 }[where] ?? Number(where);
  const path = wanted > outOf ? "review" : `questions/${wanted}`;
  history.pushState(null, "", `/attempts/${exam.ref}/${path}`);
  arrive(exam);
}

function arrive(exam) {
  const n = Number(location.pathname.match(/\/questions\/(\d+)$/)?.[1]);
  if (n >= 1 && n <= exam.view.outOf) exam.view.showQuestion(n);
  else exam.view.showReview();
}

// Links between the test's own pages need no server.
function follow(exam, event) {
  const link = event.target.closest("a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!new URL(link.href).pathname.startsWith(`/attempts/${exam.ref}/questions/`)) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  arrive(exam);
}

function offerShortcuts(exam) {
  const panel = document.querySelector("[data-shortcuts]");
  const on = document.querySelector("#shortcuts-on");
  panel.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (!on.checked || exam.view?.reviewing || event.ctrlKey || event.metaKey || event.altKey) return;
    const pressed = event.key.toLowerCase();
    const aim = { arrowleft: "previous", arrowright: "next" }[pressed];
    const box = pressed === "f" ? "#flagged-yes" : /^[a-d]$/.test(pressed) ? `#option-${pressed}` : "";
    if (!aim && !box) return;
    event.preventDefault();
    if (box) document.querySelector(box).click();
    else if (exam.view) go(exam, aim);
    else document.querySelector(`#answer [value=${aim}]`).click(); // the paper is not here yet
  });
}

function hear(exam, reply) {
  exam.answered = reply.answered;
  exam.clock.correct(reply.remaining_ms);
}

// Say plainly what is safe and what is not.
function tell(exam) {
  const { view, outbox, answered } = exam;
  const { waiting, failing, blocked } = outbox;
  view.notice(blocked || (failing ? (exam.ending ? "finishing" : "unsaved") : ""));
  view.lock(exam.ending || blocked === "elsewhere");
  const lost = `${waiting} ${waiting === 1 ? "answer" : "answers"} not safe yet`;
  if (exam.ending && !blocked) view.showSafe("Finishing…", "is-wait", answered);
  else if (waiting && (blocked || failing)) view.showSafe(lost, "is-bad", answered);
  else if (waiting) view.showSafe("Saving…", "is-wait", answered);
  else view.showSafe(`${answered} of ${view.outOf} safe`, "", answered);
}

// After sleep, or a while in the background: how long is left, and is it still ours?
async function ask(exam) {
  if (!exam.outbox || exam.ending) return;
  try {
    const reply = await call(`/attempts/${exam.ref}/responses`);
    if (reply.status === 410) return leave(exam);
    if (!reply.ok) return;
    exam.clock.correct(reply.body.remaining_ms);
    if (!reply.body.lease_held) exam.outbox.block("elsewhere");
  } catch {
    // no network: the next answer will say so
  }
}

function end(exam) {
  if (!exam.outbox) return location.reload();
  return exam.ending ? undefined : complete(exam);
}

// Finish, but not before everything that was answered in time is safe.
async function complete(exam) {
  exam.ending = true;
  tell(exam);
  while (exam.outbox.waiting && exam.clock.left > -LAST_ANSWERS) await sleep(50);
  for (let wait = 500; ; wait = Math.min(8000, wait * 2)) {
    try {
      const reply = await call(`/attempts/${exam.ref}/completion`, "POST");
      if (reply.type === "opaqueredirect") return leave(exam);
      if (reply.status < 500) {
        exam.outbox.block("signed-out");
        await renew(exam);
      }
    } catch {
      exam.view.notice("finishing");
    }
    await sleep(wait);
  }
}

function leave(exam) {
  exam.ending = true;
  location.replace(exam.result);
}

function beTheOnlyTab(exam) {
  exam.channel = new BroadcastChannel(`exam-${exam.ref}`);
  exam.channel.addEventListener("message", () => {
    exam.release?.();
    exam.release = null;
    exam.outbox.block("elsewhere");
  });
  holdTheTab(exam, { ifAvailable: true });
}

// Held until this tab is gone, or another one goes on with the test.
function holdTheTab(exam, how) {
  navigator.locks?.request(`exam-${exam.ref}`, how, (lock) => {
    if (lock) return new Promise((release) => (exam.release = release));
    exam.outbox.block("elsewhere");
    return undefined;
  });
}

// The person has said that they want to go on in this tab.
async function takeOver(exam) {
  try {
    const reply = await call(`/attempts/${exam.ref}/lease`, "POST", {});
    if (reply.status === 410) return leave(exam);
    if (reply.status === 401 || reply.body.reason === "form_expired") return exam.outbox.block("signed-out");
    if (!reply.ok) return;
    exam.channel.postMessage("taken over");
    if (!exam.release) holdTheTab(exam, {});
    await readAgain(exam);
    exam.outbox.resume(reply.body);
    exam.view.refresh();
  } catch {
    exam.view.notice("elsewhere"); // no network: press it again
  }
}

// What was answered elsewhere is shown here; what waits here stays as it was chosen.
async function readAgain(exam) {
  const { body } = await call(`/attempts/${exam.ref}/responses`);
  const waiting = exam.outbox.numbersWaiting;
  for (const { n, option, flagged } of body.responses) {
    if (!waiting.has(n)) Object.assign(exam.answers[n - 1], { option, flagged });
  }
  exam.answered = body.responses.filter((response) => response.option).length;
}

// After signing in again, in another tab: take the new token, and see whose test it is now.
async function renew(exam) {
  try {
    const reply = await fetch(`/attempts/${exam.ref}/questions/1`, { redirect: "manual" });
    if (!reply.ok) return;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    token().content = page.querySelector('meta[name="csrf-token"]').content;
    for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = token().content;
    const { lease, seq } = page.querySelector("[data-question]").dataset;
    if (lease) exam.outbox.resume({ lease, seq: Number(seq) });
    else exam.outbox.block("elsewhere");
  } catch {
    // no network: press it again
  }
}
