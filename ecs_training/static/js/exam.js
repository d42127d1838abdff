// The test in one document: the paper is fetched once, every click is saved by itself, and a
// lost network stops nobody. Without this file every page of the test works by itself.

import { Clock, wordLength, wordTime } from "./exam-clock.js";
import { offerEase } from "./exam-ease.js";
import { Outbox } from "./exam-outbox.js";
import { Presence } from "./exam-presence.js";
import { call, peek, renewToken } from "./exam-server.js";
import { Store } from "./exam-store.js";
import { OneTab } from "./exam-tabs.js";
import { View, countAnswers } from "./exam-view.js";

const FIRST_WAIT = 500; // ms before the second try
const LONGEST_WAIT = 8_000;
const GAIN_STEP = 5_000; // ms; finer is the network's

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const $ = (selector) => document.querySelector(selector);

begin();

async function begin() {
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  const review = $("form[data-completion]") && $("main").firstElementChild;
  if (review) await becomeTheWholePaper();
  const { dataset } = $("[data-question]") ?? {};
  if (dataset?.lease) sitHere(dataset, review);
  else watchTheClock();
}

// The review was loaded by its own address: take the question's page, which can show both.
async function becomeTheWholePaper() {
  const ref = $("[data-attempt]").dataset.attempt;
  for (let wait = FIRST_WAIT; ; wait = longer(wait)) {
    try {
      const { page } = await peek(`/attempts/${ref}/questions/1`);
      const question = page?.querySelector("[data-question]");
      if (!question) return location.reload(); // held, over, or not signed in: it says so
      question.hidden = true;
      if (question.dataset.lease) $("main").append(...page.querySelector("main").children);
      return undefined;
    } catch {
      await sleep(wait); // the network is away
    }
  }
}

const longer = (wait) => Math.min(LONGEST_WAIT, wait * 2);

// A page that may not write: the test is open elsewhere.
function watchTheClock() {
  const look = () => location.reload(); // the server finishes what is out of time
  new Clock({ onEnd: look, onDoubt: () => {} });
}

// `before` is what stands on the page until the paper is there.
async function sitHere({ attempt: ref, lease, seq, result, practice }, before) {
  const exam = { ref, result, before, held: null, ending: false, answered: 0 };
  exam.clock = new Clock({
    onEnd: () => end(exam),
    onDoubt: () => exam.presence?.report(),
    onGained: (ms) => exam.view?.tellNews(wordGain(ms)),
  });
  $("#answer").addEventListener("change", () => (exam.touched = true), { once: true });
  offerShortcuts(exam);
  const [paper, saved] = await load(ref);
  exam.answers = saved.responses.map(({ option, flagged }) => ({ option, flagged }));
  exam.view = new View({
    ref,
    practice: practice === "yes",
    paper: paper.questions,
    answers: exam.answers,
    onTurn: () => exam.reader?.stop(),
  });
  exam.answered = exam.view.answered;
  exam.outbox = new Outbox({
    ref,
    lease,
    seq: Math.max(Number(seq), saved.seq),
    saved: saved.responses,
    clock: exam.clock,
    store: new Store(ref),
    onReply: (reply) => hear(exam, reply),
    onChange: () => tell(exam),
    onRefused: (reply) => lookWhoIsThere(exam, reply),
    onEnded: () => leave(exam),
  });
  exam.tab = new OneTab(ref, () => exam.outbox.block("elsewhere"));
  await startHere(exam, saved);
}

function wordGain(ms) {
  const told = wordLength(Math.round(ms / GAIN_STEP) * GAIN_STEP);
  return `You have ${told.replace(" ", " more ")}.`;
}

async function startHere(exam, saved) {
  stand(exam, saved);
  const alone = await exam.tab.claim();
  const { lease, seq } = exam.outbox;
  if (alone && saved.lease_held) await resume(exam, { lease, seq, responses: saved.responses });
  else exam.outbox.block("elsewhere");
  if (exam.touched) answer(exam); // before the paper was here
  listen(exam);
  exam.presence = new Presence({
    ref: exam.ref,
    sign: () => ({
      lease: exam.outbox.lease,
      unsaved: exam.outbox.waiting,
      hidden: document.hidden,
      n: exam.view.n,
    }),
    isHeld: () => Boolean(exam.held),
    onReply: (reply) => reply && hearPresence(exam, reply),
  });
  exam.presence.report();
  history.replaceState(null, "", location.href);
  exam.reader = offerEase(wordQuestion);
  exam.before?.remove();
  arrive(exam, { arriving: false });
  exam.view.refresh();
  tell(exam);
}

// Send what waits from before, and show what has been answered elsewhere since.
async function resume(exam, { lease, seq, responses }) {
  const twice = await exam.outbox.resume({ lease, seq, saved: responses });
  for (const { n, option, flagged } of responses) Object.assign(exam.answers[n - 1], { option, flagged });
  for (const [n, { option, flagged }] of exam.outbox.unsent) exam.answers[n - 1] = { option, flagged };
  if (!twice.length) return;
  const numbers = twice.sort((a, b) => a - b).join(", ");
  exam.view.tellNews(`You answered in two places: question ${numbers}. We kept the answer from the other place. Please check it.`);
}

async function load(ref) {
  for (let wait = FIRST_WAIT; ; wait = longer(wait)) {
    try {
      const replies = await Promise.all(["paper", "responses"].map((what) => call(`/attempts/${ref}/${what}`)));
      if (replies.every((reply) => reply.ok)) return replies.map((reply) => reply.body);
      // Held, over, or not signed in: the page that the server shows now says so.
      if (replies.some((reply) => reply.status < 500 && !reply.ok)) location.reload();
    } catch {
      // the network is away; until then the form on the page goes on working
    }
    await sleep(wait);
  }
}

function listen(exam) {
  const form = $("#answer");
  form.addEventListener("change", () => answer(exam));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(exam, event.submitter?.value ?? "next");
  });
  document.addEventListener("click", (event) => press(exam, event));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-completion], [data-rest]")) return;
    event.preventDefault();
    if (event.target.matches("[data-rest]")) rest(exam, "rest");
    else complete(exam);
  }, true);
  addEventListener("popstate", () => arrive(exam));
  addEventListener("beforeunload", (event) => exam.outbox.waiting && !exam.ending && !exam.going && event.preventDefault());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && exam.outbox.blocked === "signed-out") renew(exam);
  });
}

function press(exam, event) {
  const { target } = event;
  if (target.closest("[data-take-over]")) takeOver(exam);
  else if (target.closest("[data-again]")) signedInAgain(exam);
  else if (target.closest("[data-reload]")) location.reload();
  else if (target.closest("[data-go-on]")) rest(exam, "rest/end");
  else if (target.closest("[data-read]")) $("[data-news]").hidden = true;
  else follow(exam, event);
}

function answer(exam) {
  const { n } = exam.view;
  const option = $("[name=option]:checked")?.value ?? null;
  const flagged = $("#flagged-yes").checked;
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

function arrive(exam, how) {
  if (exam.held) return;
  const n = Number(location.pathname.match(/\/(?:questions|responses)\/(\d+)$/)?.[1]);
  if (n >= 1 && n <= exam.view.outOf) exam.view.showQuestion(n, how);
  else exam.view.showReview();
  tell(exam);
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
  const on = $("#shortcuts-on");
  $("[data-shortcuts]").hidden = false;
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (!on.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (exam.view && !exam.view.answerable) return;
    if (target.closest("[data-ease]")) return;
    const pressed = key.toLowerCase();
    const aim = { arrowleft: "previous", arrowright: "next" }[pressed];
    const box = pressed === "f" ? "#flagged-yes" : /^[a-d]$/.test(pressed) ? `#option-${pressed}` : "";
    if (!aim && !box) return;
    event.preventDefault();
    if (box) $(box).click();
    else if (exam.presence) go(exam, aim);
    else $(`#answer [value=${aim}]`).click(); // the paper is not here yet
  });
}

// What a voice reads: the question, then the answers by their letters.
function wordQuestion() {
  const labels = [...document.querySelectorAll(".answers label")];
  const heading = $("#answer h1");
  return [
    [heading, heading.textContent],
    ...labels.map((label, index) => [label, `${"ABCD"[index]}. ${label.textContent}`]),
  ];
}

function hear(exam, reply) {
  exam.answered = reply.answered;
  stand(exam, reply);
}

function hearPresence(exam, { status, ok, body }) {
  if (status === 410) return exam.outbox.end();
  if (status === 401 || status === 404 || body.reason === "form_expired") {
    exam.outbox.blocked ||= "signed-out";
    tell(exam);
    return lookWhoIsThere(exam, { status, body });
  }
  if (!ok) return undefined;
  if (!body.lease_held) exam.outbox.block("elsewhere");
  return stand(exam, body);
}

// How the test stands: the time, and whether the clock is stopped.
function stand(exam, { remaining_ms, held = null, rest_left_ms = 0 }) {
  exam.clock.correct(remaining_ms, Boolean(held));
  if (!held) exam.outbox.unblock("held");
  if (held === exam.held) return;
  exam.held = held;
  if (held) exam.view.showCover(held, wordTime(rest_left_ms));
  else arrive(exam);
  exam.presence?.forget();
  tell(exam);
}

// Say plainly what is safe and what is not.
function tell(exam) {
  const { view, outbox, answered } = exam;
  const { waiting, failing, blocked } = outbox;
  if (blocked === "held" && !exam.held) exam.presence?.report(); // who stopped it, and the time
  view.notice(blocked || (failing ? (exam.ending ? "finishing" : "unsaved") : ""));
  view.lock(exam.ending || blocked === "elsewhere");
  view.tellCover(waiting);
  if (exam.ending && !blocked) view.showSafe("Finishing…", "is-wait", answered);
  else if (waiting && (blocked || failing)) view.showSafe(`${countAnswers(waiting)} not safe yet`, "is-bad", answered);
  else if (waiting) view.showSafe("Saving…", "is-wait", answered);
  else view.showSafe(`${answered} of ${view.outOf} safe`, "", answered);
}

// A break that was agreed before, or its end.
async function rest(exam, what) {
  try {
    const reply = await call(`/attempts/${exam.ref}/${what}`, "POST", {});
    if (reply.ok) stand(exam, reply.body);
    exam.presence.report(); // a refusal too: what stands now?
  } catch {
    exam.view.tellNews("We cannot reach our server. The clock has not changed. Try again.");
  }
}

// The time is up, as far as this page knows. The server decides: it may have given more.
async function end(exam) {
  if (exam.ending) return;
  if (!exam.outbox) return location.reload();
  await finish(exam, async () => {
    const { page } = await peek(`/attempts/${exam.ref}/review`);
    return page ? Number(page.querySelector("[data-remaining-ms]").dataset.remainingMs) : 0;
  });
}

async function complete(exam) {
  if (exam.ending) return;
  await finish(exam, async () => {
    const { status, body } = await call(`/attempts/${exam.ref}/completion`, "POST");
    if (body.reason !== "form-expired" && status !== 401) return 0;
    exam.outbox.block("signed-out");
    return renew(exam);
  });
}

// Not before everything that was answered is safe, or refused. `act` returns what is left.
async function finish(exam, act) {
  exam.ending = true;
  tell(exam);
  for (let wait = FIRST_WAIT; ; wait = longer(wait)) {
    while (mustWait(exam.outbox)) await sleep(50);
    try {
      const left = await act();
      if (left > 0) return goOn(exam, left);
      const { status } = await call(`/attempts/${exam.ref}/responses`);
      if (status === 410) return exam.outbox.end();
      if (status === 401 || status === 404) exam.outbox.block("signed-out");
      exam.view.notice(exam.outbox.blocked);
    } catch {
      exam.view.notice("finishing");
    }
    await sleep(wait);
  }
}

function mustWait({ waiting, blocked }) {
  return blocked === "signed-out" || (waiting && blocked !== "elsewhere" && blocked !== "broken");
}

function goOn(exam, left) {
  exam.ending = false;
  exam.clock.correct(left);
  tell(exam);
}

function leave(exam) {
  exam.ending = true;
  location.replace(exam.result);
}

// The person has said that they want to go on in this tab.
async function takeOver(exam) {
  try {
    const { ok, status, body } = await call(`/attempts/${exam.ref}/lease`, "POST", {});
    if (status === 410) return exam.outbox.end();
    if (!ok) return exam.outbox.block("signed-out");
    exam.tab.take();
    const saved = await call(`/attempts/${exam.ref}/responses`);
    if (!saved.ok) return exam.outbox.block(saved.status === 401 ? "signed-out" : "elsewhere");
    const { responses } = saved.body;
    exam.answered = responses.filter((response) => response.option).length;
    await resume(exam, { ...body, responses });
    exam.presence.forget();
    stand(exam, saved.body);
    arrive(exam, { arriving: false });
    exam.view.refresh();
  } catch {
    exam.view.notice("elsewhere"); // no network: press it again
  }
  return undefined;
}

// Nobody is signed in, or somebody else: then no question of this person may be seen.
async function lookWhoIsThere(exam, { status, body }) {
  if (status === 404) {
    exam.going = true; // what waits is kept, and found again by its owner
    location.reload();
  } else if (body.reason === "form_expired") await renew(exam);
}

async function signedInAgain(exam) {
  await renew(exam);
  if (exam.outbox.blocked === "elsewhere") await takeOver(exam);
}

// After signing in again, in another tab: take the new token, and see whose test it is now.
async function renew(exam) {
  try {
    const { status, page } = await peek(`/attempts/${exam.ref}/questions/1`);
    if (status === 404) return lookWhoIsThere(exam, { status });
    if (!page) return undefined;
    renewToken(page);
    if (page.querySelector("[data-attempt]").dataset.lease) exam.outbox.unblock("signed-out");
    else exam.outbox.block("elsewhere");
  } catch {
    // no network: press it again
  }
  return undefined;
}
