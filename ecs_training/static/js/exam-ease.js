// Reading and display: what somebody may set for themselves, kept on this computer, and
// reading aloud by the browser's own voice. Nothing of it is told to anybody.

const KEPT = "exam-display";
const MARGIN = 8; // px around what the ruler shows
const BAND = 28; // px above and below the pointer
const SVG = "http://www.w3.org/2000/svg";

// `parts` returns what is to be read: [element, words], in order.
export function offerEase(parts) {
  const panel = document.querySelector("[data-ease]");
  panel.hidden = false;
  const chosen = recall();
  const ruler = new Ruler();
  for (const input of panel.querySelectorAll("input")) {
    input.checked = input.type === "checkbox" ? Boolean(chosen[input.name]) : input.value === (chosen[input.name] ?? "");
  }
  ruler.show(Boolean(chosen.ruler));
  panel.addEventListener("change", ({ target }) => {
    chosen[target.name] = target.type === "checkbox" ? target.checked : target.value;
    const page = document.documentElement.dataset;
    for (const name of ["theme", "size"]) {
      if (chosen[name]) page[name] = chosen[name];
      else delete page[name];
    }
    ruler.show(Boolean(chosen.ruler));
    keep(chosen);
  });
  return new Reader(parts);
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

function keep(chosen) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(chosen));
  } catch {
    // no storage: it lasts as long as the page
  }
}

// Everything but a few lines is dimmed: those under the pointer, or what has the focus.
class Ruler {
  #box = document.createElementNS(SVG, "svg");
  #above = this.#box.appendChild(document.createElementNS(SVG, "rect"));
  #below = this.#box.appendChild(document.createElementNS(SVG, "rect"));

  constructor() {
    this.#box.classList.add("ruler");
    this.#box.setAttribute("aria-hidden", "true");
    for (const shade of [this.#above, this.#below]) shade.setAttribute("width", "100%");
    this.#place(innerHeight / 3, innerHeight / 3 + 2 * BAND);
    this.show(false);
    document.body.append(this.#box);
    for (const kind of ["pointermove", "pointerdown"]) {
      addEventListener(kind, ({ clientY }) => this.#place(clientY - BAND, clientY + BAND), { passive: true });
    }
    for (const kind of ["focusin", "keyup"]) addEventListener(kind, () => this.#follow());
  }

  show(on) {
    this.#box.toggleAttribute("hidden", !on);
  }

  #follow() {
    const at = document.activeElement;
    if (!at || at === document.body) return;
    const { top, bottom } = (at.closest(".choice") ?? at).getBoundingClientRect();
    this.#place(top - MARGIN, bottom + MARGIN);
  }

  #place(top, bottom) {
    this.#above.setAttribute("height", Math.max(0, top));
    this.#below.setAttribute("y", Math.max(0, bottom));
    this.#below.setAttribute("height", Math.max(0, innerHeight - bottom));
  }
}

class Reader {
  #button = document.querySelector("[data-listen]");
  #voice = window.speechSynthesis;
  #reading = 0; // which reading goes on; 0 is none
  #readings = 0;

  constructor(parts) {
    this.parts = parts;
    if (!this.#voice) return;
    const offer = () => (this.#button.hidden = !this.#voice.getVoices().length);
    this.#voice.addEventListener?.("voiceschanged", offer);
    offer();
    this.#button.addEventListener("click", () => (this.#reading ? this.stop() : this.#read()));
    addEventListener("pagehide", () => this.stop());
  }

  stop() {
    if (!this.#reading) return;
    this.#reading = 0;
    this.#voice.cancel();
    this.#show();
  }

  #read() {
    const mine = (this.#reading = ++this.#readings);
    const parts = this.parts();
    this.#voice.cancel();
    this.#show();
    for (const [index, [element, words]] of parts.entries()) {
      const speech = new SpeechSynthesisUtterance(words);
      speech.lang = "en-GB";
      speech.onstart = () => mine === this.#reading && this.#show(element);
      speech.onend = speech.onerror = () => mine === this.#reading && index === parts.length - 1 && this.stop();
      this.#voice.speak(speech);
    }
  }

  #show(element = null) {
    this.#button.querySelector("span").textContent = this.#reading ? "Stop reading" : "Read aloud";
    for (const read of document.querySelectorAll(".is-read")) read.classList.remove("is-read");
    element?.classList.add("is-read");
  }
}
