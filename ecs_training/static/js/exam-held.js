// The page of a clock that stands still: look by itself whether it goes on.

import { Presence } from "./exam-presence.js";

const { attempt: ref, lease, n } = document.querySelector("[data-held]").dataset;

const presence = new Presence({
  ref,
  sign: () => ({ lease, unsaved: 0, hidden: document.hidden, n: Number(n) }),
  isHeld: () => true,
  onReply: (reply) => {
    if (!reply || reply.status >= 500) return;
    // Not this address: it may be what a form was sent to. Where the test is over, or nobody
    // is signed in, that page leads on.
    if (!reply.ok || !reply.body.held) location.replace(`/attempts/${ref}/questions/${n}`);
  },
});
presence.plan();
addEventListener("pageshow", (event) => event.persisted && location.reload());
