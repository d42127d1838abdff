// What is on the page: one question at a time out of the whole paper, or the look over it.

const LETTERS = ["a", "b", "c", "d"];
const LINES = 10; // unanswered questions that the review words
const $ = (selector, within = document) => within.querySelector(selector);

// A piece that the page keeps for later. Only what is shown has an h1.
function take(which) {
  const piece = $(`template${which}`).content.firstElementChild.cloneNode(true);
  const title = $("[data-h1]", piece);
  if (!title) return piece;
  const heading = document.createElement("h1");
  for (const { name, value } of title.attributes) heading.setAttribute(name, value);
  heading.append(...title.childNodes);
  title.replaceWith(heading);
  return piece;
}

export class View {
  #root = $("[data-question]");
  #form = $("#answer");
  #title = document.title.replace(/^.*? – /, "");
  #review = null;
  #cover = null;
  n = Number(this.#root.dataset.n);

  // `paper` and `answers` have one entry for each question, in order; `onTurn` is called
  // before another page is shown.
  constructor({ ref, practice, paper, answers, onTurn }) {
    Object.assign(this, { ref, practice, paper, answers, onTurn });
    this.outOf = paper.length;
    // All are fetched now: a lost network must not blank the picture of a later question.
    this.pictures = paper.map(({ picture }) => picture && Object.assign(new Image(), picture));
  }

  get answered() {
    return this.answers.filter((answer) => answer.option).length;
  }

  // A question is on the page, and may be answered.
  get answerable() {
    return !this.#root.hidden && !$("fieldset", this.#form).disabled;
  }

  showQuestion(n, { arriving = true } = {}) {
    this.n = n;
    this.#clear();
    const { stem, options } = this.paper[n - 1];
    $("h1", this.#form).textContent = stem;
    for (const letter of LETTERS) $(`label[for="option-${letter}"]`).textContent = options[letter];
    const picture = $("[data-picture]", this.#form);
    picture.hidden = !this.pictures[n - 1];
    picture.replaceChildren(...[this.pictures[n - 1]].filter(Boolean));
    this.#tick();
    this.#form.action = this.#path(`responses/${n}`);
    $('[value="previous"]', this.#form).hidden = n === 1;
    this.#root.dataset.n = n;
    this.#head(`${this.practice ? "Practice question" : "Question"} ${n} of ${this.outOf}`, `Question ${n} of ${this.outOf}`);
    if (arriving) this.#arrive($("h1", this.#form));
  }

  showReview() {
    this.#clear();
    this.#review = take("[data-review]");
    this.#fillReview(this.#review);
    this.#root.hidden = true;
    this.#root.after(this.#review);
    this.#head("Review", "Check before you finish");
    this.#arrive($("h1", this.#review));
  }

  // The clock stands still ("invigilator" or "rest"): no question may be seen.
  showCover(kind, restLeft) {
    this.#clear();
    this.#cover = take(`[data-cover="${kind}"]`);
    this.#root.hidden = true;
    this.#root.after(this.#cover);
    const heading = $("h1", this.#cover);
    if (kind === "rest") $("[data-rest-left]", this.#cover).textContent = restLeft;
    this.#head(kind === "rest" ? "Break" : "Stopped", heading.textContent);
    this.#arrive(heading);
  }

  // Under the cover: what is not safe yet must not be called so.
  tellCover(waiting) {
    const words = waiting
      ? `${countAnswers(waiting)} not sent yet. Keep this page open: it goes out when the clock goes on.`
      : "Your answers are safe.";
    const place = this.#cover && $("[data-cover-safe]", this.#cover);
    if (place && place.textContent !== words) place.textContent = words;
  }

  // Show what has become of the answers, wherever it can be seen.
  refresh() {
    for (const [index, square] of [...this.#root.querySelectorAll(".qgrid .q")].entries()) {
      this.#mark(square, index + 1);
    }
    this.#tick();
  }

  showSafe(words, kind, answered) {
    const place = $("[data-safe]");
    place.className = `exam-safe ${kind}`;
    const text = $("span", place);
    if (text.textContent !== words) text.textContent = words;
    $("[data-answered]").value = answered;
  }

  notice(name) {
    for (const note of document.querySelectorAll("[data-notice]")) note.hidden = note.dataset.notice !== name;
  }

  // News that somebody has to take away themselves.
  tellNews(words) {
    $("[data-news] p").textContent = words;
    $("[data-news]").hidden = false;
  }

  lock(locked) {
    $("fieldset", this.#form).disabled = locked;
    for (const button of document.querySelectorAll('[name="go"], [name="flagged"], [data-finish]')) button.disabled = locked;
  }

  #path(rest) {
    return `/attempts/${this.ref}/${rest}`;
  }

  #tick() {
    const { option, flagged } = this.answers[this.n - 1];
    for (const letter of LETTERS) $(`#option-${letter}`).checked = letter === option;
    $("#flagged-yes").checked = flagged;
  }

  #head(where, title) {
    $("[data-where]").textContent = where;
    document.title = `${title} – ${this.#title}`;
    for (const [index, square] of [...this.#root.querySelectorAll(".qgrid .q")].entries()) {
      if (index + 1 === this.n) square.setAttribute("aria-current", "step");
      else square.removeAttribute("aria-current");
    }
  }

  #arrive(heading) {
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }

  #clear() {
    this.onTurn();
    this.#review?.remove();
    this.#cover?.remove();
    this.#review = this.#cover = null;
    this.#root.hidden = false;
  }

  #mark(square, n) {
    const { option, flagged } = this.answers[n - 1];
    square.classList.toggle("is-answered", Boolean(option));
    square.classList.toggle("is-flagged", flagged);
    square.lastElementChild.textContent = `, ${option ? "answered" : "no answer yet"}${flagged ? ", flagged" : ""}`;
  }

  #fillReview(review) {
    const numbers = this.answers.map((_, index) => index + 1);
    const open = numbers.filter((n) => !this.answers[n - 1].option);
    const flagged = numbers.filter((n) => this.answers[n - 1].flagged);
    $("[data-review-title]", review).textContent = wordUnanswered(open.length);
    this.#list($("[data-unanswered]", review), open.slice(0, LINES), "dash", (n) => this.paper[n - 1].stem);
    $("[data-more]", review).hidden = open.length <= LINES;
    $("[data-more] span", review).textContent = open.length - LINES;
    this.#list($("[data-flagged]", review), flagged, "flag", (n) => this.#wordAnswer(n));
    for (const [index, square] of [...review.querySelectorAll(".qgrid .q")].entries()) {
      this.#mark(square, index + 1);
    }
    const first = $("[data-first-unanswered]", review);
    first.hidden = !open.length;
    first.href = this.#path(`questions/${open[0] ?? 1}`);
    $("span", first).textContent = open[0] ?? 1;
    const finish = $("[data-finish]", review);
    finish.textContent = open.length ? `Finish with ${open.length} unanswered` : "Finish and see my result";
    finish.classList.toggle("btn--go", !open.length);
  }

  #wordAnswer(n) {
    const { option } = this.answers[n - 1];
    return option ? `You answered: ${this.paper[n - 1].options[option]}` : "No answer yet";
  }

  #list(section, numbers, icon, words) {
    section.hidden = !numbers.length;
    const list = $("ul", section);
    for (const n of numbers) {
      const line = take(`[data-line="${icon}"]`);
      const link = $("a", line);
      link.href = this.#path(`questions/${n}`);
      link.textContent = `Question ${n}`;
      $("small", line).textContent = words(n);
      list.append(line);
    }
  }
}

function wordUnanswered(count) {
  if (!count) return "Every question has an answer";
  return count === 1 ? "1 question has no answer" : `${count} questions have no answer`;
}

export function countAnswers(count) {
  return `${count} ${count === 1 ? "answer" : "answers"}`;
}
