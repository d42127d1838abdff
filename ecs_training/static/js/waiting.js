// Somebody who waits at the door is let in without pressing anything: the page looks again by
// itself, and is loaded anew only when there is something else to see.

const EVERY = 8_000; // ms; and a little more, so that a room does not ask all at once

const seen = document.querySelector("[data-waiting]");
if (seen) setInterval(look, EVERY + Math.random() * 4_000);

async function look() {
  if (document.hidden) return;
  try {
    const reply = await fetch(location.href);
    if (!reply.ok) return;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (page.querySelector("[data-waiting]")?.dataset.waiting !== seen.dataset.waiting) location.reload();
  } catch {
    // the network is away; look again later
  }
}
