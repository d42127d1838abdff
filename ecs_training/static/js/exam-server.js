// How the page speaks with our server.

const PATIENCE = 10_000; // ms for one try

// `body` of the reply is its JSON, or an empty object.
export async function call(path, method = "GET", body = undefined) {
  const reply = await fetch(path, {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout?.(PATIENCE),
    headers: {
      Accept: "application/json",
      ...(method === "GET" ? {} : { "X-CSRFToken": token().content }),
      ...(body ? { "Content-Type": "application/json" } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const { status, ok, headers, type } = reply;
  return { status, ok, headers, type, body: await reply.json().catch(() => ({})) };
}

// A page of ours as a document, without going there; `page` is null where it leads elsewhere.
export async function peek(path) {
  const { status, ok, text } = await look(path);
  return { status, page: ok ? new DOMParser().parseFromString(text, "text/html") : null };
}

async function look(path) {
  const reply = await fetch(path, { redirect: "manual", signal: AbortSignal.timeout?.(PATIENCE) });
  return { status: reply.status, ok: reply.ok, text: reply.ok ? await reply.text() : "" };
}

export function token() {
  return document.querySelector('meta[name="csrf-token"]');
}

// Somebody signed in again: the page's own forms need the new token too.
export function renewToken(page) {
  token().content = page.querySelector('meta[name="csrf-token"]').content;
  for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = token().content;
}
