// Home and the list of incidents stay true while they are looked at. The server says that something changed (`/live/incidents`); the page
// is asked for anew, and its parts marked `data-fresh` are put in the place of their elders. Nothing moves under a finger: while somebody
// points at such a part, touches it or scrolls, it stays, and a button below says that there is something new.
const parts = () => [...document.querySelectorAll("[data-fresh][id]")];
/** So long after a touch or a scroll a part stays as it is, and so long after a change nothing in it is pressed. */
const STILL = 2500;
const RESTS = 1000;
/** Not all who look ask at once, nor again and again while much happens. */
const SPREAD = 1500;
const AT_MOST_EVERY = 4000;

let source;
let asked = 0;
let asking;
let waiting;
let touched = 0;
let changedAt = -RESTS;

const now = () => performance.now();
const hovers = matchMedia("(hover: hover)").matches;

for (const kind of ["pointerdown", "touchmove", "scroll", "keydown"]) {
  addEventListener(kind, () => (touched = now()), { passive: true, capture: true });
}

const inUse = () =>
  now() - touched < STILL ||
  parts().some((part) => (hovers && part.matches(":hover")) || part.querySelector("details[open], input:focus, select:focus"));

/** What a part says, but for clocks, which go by themselves. */
function said(part) {
  const copy = part.cloneNode(true);
  for (const clock of copy.querySelectorAll("time, .seam, .incident-when, [data-since]")) clock.remove();
  return copy.innerHTML.replace(/\s+/g, " ");
}

async function ask() {
  asking = undefined;
  asked = now();
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    // Who is logged out is shown so by the page itself.
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const differs = parts().some((part) => {
      const fresh = page.getElementById(part.id);
      return fresh && said(fresh) !== said(part);
    });
    waiting = differs ? page : undefined;
    put();
  } catch {
    // The server is away; it says so when it is back.
  }
}

function put() {
  if (!waiting) return tell("");
  if (inUse()) return tell("Something changed. Show it");
  show();
}

function show() {
  const page = waiting;
  waiting = undefined;
  tell("");
  if (!page) return;
  const focused = document.activeElement?.getAttribute?.("href");
  for (const part of parts()) {
    const fresh = page.getElementById(part.id);
    if (!fresh || said(fresh) === said(part)) continue;
    const held = part.contains(document.activeElement);
    part.replaceWith(document.adoptNode(fresh));
    if (held && focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  changedAt = now();
  heard.textContent = "What is open changed.";
}

// A tap that was on its way lands on what stands there now, and does nothing.
addEventListener(
  "click",
  (event) => {
    if (now() - changedAt < RESTS && event.target.closest?.("[data-fresh]")) {
      event.preventDefault();
      event.stopPropagation();
    }
  },
  { capture: true },
);

const bar = document.createElement("button");
Object.assign(bar, { type: "button", className: "button fresh-bar", hidden: true });
bar.addEventListener("click", () => show());
const heard = document.createElement("p");
heard.className = "unseen";
heard.setAttribute("role", "status");

function tell(words) {
  bar.hidden = words === "";
  if (bar.textContent !== words) bar.textContent = words;
}

function listen() {
  if (document.hidden) {
    source?.close();
    source = undefined;
    return;
  }
  if (source && source.readyState !== EventSource.CLOSED) return;
  source = new EventSource("/live/incidents");
  source.addEventListener("changed", () => {
    asking ??= setTimeout(ask, Math.max(Math.random() * SPREAD, asked + AT_MOST_EVERY - now()));
  });
}

if (parts().length > 0) {
  document.body.append(bar, heard);
  listen();
  addEventListener("visibilitychange", listen);
  addEventListener("online", listen);
  setInterval(() => {
    put();
    listen();
  }, 1000);
}
