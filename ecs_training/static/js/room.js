// The board keeps itself up to date. Without this file the page says how things stood when it
// was opened, and "Look again" asks anew.

const EVERY = 5_000; // ms between two looks

const board = document.querySelector("[data-board]");
const news = document.querySelector("[data-news]");
if (board) watch();

function watch() {
  document.querySelector("[data-live]").hidden = false;
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || look());
}

async function look() {
  if (document.hidden) return;
  try {
    const reply = await fetch(board.dataset.board, { headers: { Accept: "application/json" } });
    if (reply.status === 401 || reply.status === 404) return location.reload();
    if (reply.ok) show(await reply.json());
  } catch {
    // the network is away; the next look may find it
  }
}

function show({ people, requests, outages }) {
  const rows = new Map([...document.querySelectorAll("[data-person]")].map((row) => [row.dataset.person, row]));
  const strangers = people.filter(({ ref }) => !rows.has(ref)).length;
  const waits = requests !== Number(board.dataset.requests) || outages !== Number(board.dataset.outages);
  if (strangers || waits || people.length !== rows.size) news.hidden = false;
  for (const person of people) if (rows.has(person.ref)) tell(rows.get(person.ref), person);
  count(people);
}

function tell(row, { state, answered, out_of, left, flags, late }) {
  const how = row.querySelector("[data-state]");
  if (how.dataset.state !== state) {
    how.dataset.state = state;
    how.replaceChildren(copy(`[data-tag=${state}]`));
  }
  write(row.querySelector("[data-progress]"), out_of ? `${answered} of ${out_of}` : "–");
  write(row.querySelector("[data-left]"), left || "–");
  raise(row.querySelector("[data-flags]"), flags);
  const tooLate = row.querySelector("[data-late]");
  tooLate.hidden = !late;
  write(tooLate.querySelector("span"), String(late));
}

function raise(box, flags) {
  const up = flags.join(" ");
  if (box.dataset.flags === up) return;
  box.dataset.flags = up;
  box.replaceChildren(...(flags.length ? flags.map((flag) => copy(`[data-flag=${flag}]`)) : ["–"]));
}

function count(people) {
  for (const box of document.querySelectorAll("[data-count]")) {
    write(box, String(people.filter(({ state }) => state === box.dataset.count).length));
  }
}

function copy(selector) {
  return document.querySelector(`template${selector}`).content.cloneNode(true);
}

// What has not changed is not touched, so that nothing is read aloud twice.
function write(box, text) {
  if (box.textContent !== text) box.textContent = text;
}
