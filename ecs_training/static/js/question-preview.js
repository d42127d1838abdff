// The preview of the edit page follows what is typed. Without it, the button "Preview" does.
const PAUSE = 500; // milliseconds without a key stroke

const form = document.querySelector("form[data-preview-at]");
const preview = form.querySelector("[data-preview]");
let waiting = 0;
let asked = 0;

form.addEventListener("input", (event) => {
  if (event.target.type === "file") return; // it goes out once, with the button
  clearTimeout(waiting);
  waiting = setTimeout(refresh, PAUSE);
});

async function refresh() {
  const typed = new FormData(form);
  typed.delete("upload");
  const mine = ++asked;
  try {
    const answer = await fetch(form.dataset.previewAt, { method: "POST", body: typed });
    // An answer that was overtaken, and one that is no preview (signed out), change nothing.
    if (mine !== asked || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    preview.replaceChildren(...page.body.childNodes);
  } catch {
    // No network: the preview stays as it was, and nothing that was typed is lost.
  }
}
