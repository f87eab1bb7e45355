// Nothing typed is lost. What is written into a form stays in this browser, for whoever wrote it, until it has arrived: through a
// reload, another verb on the page, a closed tab, a session that ended, a server that is away. It is gone after a day and at log-out.
// A draft has what the form was drawn from, too, so that the server sees what others changed meanwhile; and its key, so that what had
// arrived without anybody hearing of it is not made twice.
const DAY = 24 * 60 * 60 * 1000;
const DRAFT = "kintsugi draft ";
const SENT = "kintsugi sent";
const LEFT = "kintsugi left ";
const GOES = "Something you wrote is not sent yet. It is thrown away when you log out. Log out all the same?";
const TEXTS = "textarea, input:is(:not([type]), [type=text], [type=url], [type=email], [type=number], [type=date], [type=time], [type=datetime-local])";
const { person } = document.body.dataset;
const arrival = performance.getEntriesByType("navigation")[0];
const isRefused = arrival?.responseStatus >= 400;
/** A log-out ends all drafts; what is typed afterwards into a page that is still open is not kept. */
let isOut = false;
/** A form is on its way, and its answer brings the reader back. */
let isLeaving = false;

const pathOf = (form) => new URL(form.getAttribute("action") || location.pathname, location.href).pathname;
/** Forms of one field may share an address. */
const fieldOf = (form) => (isAlone(form) ? ` ${form.querySelector(TEXTS).id}` : "");
const keyOf = (form) => `${DRAFT}${person} ${pathOf(form)}${fieldOf(form)}`;
const hiddenOf = (form) => [...form.querySelectorAll("input[type=hidden][name]")];

/** Fields of words by a name of their own: several may have one name. */
function textsOf(form) {
  const seen = {};
  return [...form.querySelectorAll(TEXTS)]
    .filter(({ name }) => name)
    .map((field) => [`${field.name} ${(seen[field.name] = (seen[field.name] ?? 0) + 1)}`, field]);
}

const isAlone = (form) => !form.querySelector("textarea") && form.querySelectorAll(TEXTS).length === 1;

/** Of an incident and its document every field is kept; elsewhere what alone holds a name or a number is soon written again. */
const isKept = (form) =>
  person &&
  form.method === "post" &&
  // Whose fields come and go with its buttons.
  !("keepsItself" in form.dataset) &&
  !form.querySelector("[type=password]") &&
  form.querySelector(TEXTS) &&
  (!isAlone(form) || pathOf(form).startsWith("/incidents/"));
const kept = () => [...document.forms].filter(isKept);

function read(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    return draft?.at > Date.now() - DAY ? draft : undefined;
  } catch {
    return undefined;
  }
}

// A browser that keeps nothing for us, or no more, still sends.
const attempt = (act) => {
  try {
    act();
  } catch (problem) {
    console.warn("Drafts are not kept here:", problem);
  }
};
const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(DRAFT));
const forget = (key) => attempt(() => localStorage.removeItem(key));

/** What stood there before anybody typed, as the browser has it: of 23:37:00 an input for a time makes 23:37. */
function stood(field) {
  if (!(field instanceof HTMLInputElement)) return field.defaultValue;
  const same = field.cloneNode();
  same.value = field.defaultValue;
  return same.value;
}

// The server shows again what it refused; that is as unsent as it was.
const edited = (form) => textsOf(form).filter(([, field]) => field.isOfRefused || field.value !== stood(field));

function keep(form) {
  if (isOut) return;
  const texts = Object.fromEntries(edited(form).map(([name, field]) => [name, field.value]));
  if (Object.keys(texts).length === 0) return forget(keyOf(form));
  const hidden = Object.fromEntries(hiddenOf(form).map(({ name, value }) => [name, value]));
  attempt(() => localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), texts, hidden })));
}

/** What was typed stands in the form again, and where it is folded away it opens, unless somebody looks at the page already. */
function giveBack(form, { opens = true } = {}) {
  const draft = read(keyOf(form));
  if (!draft) {
    // What a browser puts in again by itself on the way back had arrived.
    if (arrival?.type === "back_forward") form.reset();
    return keep(form);
  }
  let isDifferent = false;
  for (const [name, field] of textsOf(form)) {
    const text = draft.texts[name];
    if (text === undefined) continue;
    field.isOfRefused = isRefused && text === stood(field);
    if (text === field.value) continue;
    field.value = text;
    isDifferent = true;
  }
  if (!isDifferent) return keep(form);
  for (const field of hiddenOf(form)) field.value = draft.hidden[field.name] ?? field.value;
  if (opens) form.closest("details.in-place")?.setAttribute("open", "");
  sayItWasKept(form);
}

function sayItWasKept(form) {
  const line = document.createElement("p");
  line.className = "kept quiet small";
  line.append("Kept from before, not sent yet. ");
  const away = document.createElement("button");
  Object.assign(away, { type: "button", className: "button plain small", textContent: "Throw it away" });
  away.addEventListener("click", () => {
    forget(keyOf(form));
    // What it was drawn from comes with the page.
    isLeaving = true;
    location.reload();
  });
  line.append(away);
  form.append(line);
}

if (person) {
  for (const key of keys()) if (!read(key)) forget(key);
  const sent = JSON.parse(sessionStorage.getItem(SENT) ?? "[]");
  // Done is a redirect; refused, or lost on the way, is none.
  if (arrival?.redirectCount > 0 && !isRefused) sent.forEach(forget);
  for (const form of kept()) giveBack(form);
  // What the live stream brings up to date has its forms anew.
  new MutationObserver((changes) => {
    const regions = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ id }) => id);
    for (const form of regions.flatMap((region) => [...region.querySelectorAll("form")])) {
      if (isKept(form) && read(keyOf(form))) giveBack(form, { opens: false });
    }
  }).observe(document.querySelector("main"), { childList: true, subtree: true });
}
attempt(() => sessionStorage.removeItem(SENT));

addEventListener("input", ({ target }) => {
  if (target.form && isKept(target.form)) keep(target.form);
});

addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (["/logout", "/settings/sessions/removal"].includes(pathOf(form))) return logOut(event);
  if (form.dataset.sends !== undefined) {
    event.preventDefault();
    return send(form, submitter);
  }
  isLeaving = true;
  if (isKept(form)) attempt(() => sessionStorage.setItem(SENT, JSON.stringify([keyOf(form)])));
});

/** A computer may be shared: what one person wrote is not left to the next. */
function logOut(event) {
  if (keys().some((key) => key.startsWith(`${DRAFT}${person} `)) && !confirm(GOES)) return event.preventDefault();
  isOut = isLeaving = true;
  for (const key of keys()) if (key.startsWith(`${DRAFT}${person} `)) forget(key);
  attempt(() => localStorage.setItem(LEFT + person, Date.now()));
  forget(LEFT + person);
}
addEventListener("storage", ({ key }) => (isOut ||= key === LEFT + person));

addEventListener("beforeunload", (event) => {
  if (!isLeaving && kept().some((form) => edited(form).length > 0)) event.preventDefault();
});

addEventListener("pageshow", ({ persisted }) => {
  isLeaving = false;
  if (persisted) for (const form of kept()) if (!read(keyOf(form))) form.reset();
});

// Once it has opened it stays so: closing as the focus leaves, it would move what somebody presses just then.
addEventListener("focusin", ({ target }) => target.closest?.("form.write")?.classList.add("begun"));

// Notes are sent without leaving the page, and again until they have arrived.
const AGAIN = [408, 425, 429, 502, 503, 504];
const lines = new Map();
for (const form of document.querySelectorAll("form[data-sends]")) {
  const line = document.createElement("p");
  Object.assign(line, { className: "sending quiet small" });
  line.setAttribute("role", "status");
  form.append(line);
  lines.set(form, line);
}

async function send(form, submitter) {
  if (form.dataset.sends === "now") return;
  form.dataset.sends = "now";
  const address = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  // Files went by themselves; a field of them that is empty is no word.
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const controls = [...form.querySelectorAll("button")];
  for (const control of controls) control.setAttribute("aria-disabled", "true");
  for (const [, field] of textsOf(form)) field.readOnly = true;
  const answer = await post(address, body, lines.get(form));
  // Only once all of it is here may somebody write the next one.
  const page = answer.ok ? await answer.text() : "";
  for (const control of controls) control.removeAttribute("aria-disabled");
  for (const [, field] of textsOf(form)) field.readOnly = false;
  form.dataset.sends = "";
  lines.get(form).textContent = "";
  isLeaving = true;
  if (answer.redirected && new URL(answer.url).pathname === "/login") {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  } else if (answer.ok) {
    isLeaving = false;
    arrived(form, new DOMParser().parseFromString(page, "text/html"));
  } else {
    // What was refused the browser shows: nothing was made, so it may ask once more.
    form.setAttribute("action", address);
    form.submit();
  }
}

async function post(address, body, line) {
  for (let tries = 0; ; tries += 1) {
    line.textContent = "Sending …";
    try {
      const answer = await fetch(address, { method: "POST", body, signal: AbortSignal.timeout(20_000) });
      if (!AGAIN.includes(answer.status)) return answer;
    } catch {
      // No answer: the line is cut, or the server is away.
    }
    line.textContent = "Not sent yet: the server does not answer. It is kept here, and sent again by itself.";
    await new Promise((on) => {
      setTimeout(on, Math.min(2 ** tries, 30) * 1000);
      addEventListener("online", on, { once: true });
    });
  }
}

/** It is in the timeline. The page that came as the answer has the key of the next one. */
function arrived(form, page) {
  forget(keyOf(form));
  // What was refused before stands in this page for good, and not in the one that came.
  for (const [, field] of textsOf(form)) {
    field.isOfRefused = false;
    field.defaultValue = page.getElementById(field.id)?.defaultValue ?? "";
  }
  form.reset();
  form.querySelector(".kept")?.remove();
  for (const field of hiddenOf(form)) {
    field.value = page.querySelector(`form[action="${form.getAttribute("action")}"] input[name="${field.name}"]`)?.value ?? field.value;
  }
  lines.get(form).textContent = "Sent.";
  textsOf(form)[0]?.[1].focus();
  const list = page.getElementById("timeline");
  if (list && !document.querySelector(".live-state[data-state=live]")) document.getElementById("timeline")?.replaceWith(list);
}
