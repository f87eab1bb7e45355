// The editor of a schedule: what it comes to is drawn anew as one types, by a question of its own (app/islands/src/questions.rs), and its
// buttons do what they say without leaving the page, from the server's own page. Without this script the same buttons send the form.
const PAUSE = 400;
let asked = 0;
let timer;
/** What a button does is on its way: until it is there nothing else is asked for. */
let drawing;
let passes = false;

const form = () => document.getElementById("rota");

function fieldsWith(button) {
  const fields = new URLSearchParams(new FormData(form(), button));
  // Nothing is made by looking.
  fields.delete("form_key");
  return fields;
}

/** Of the answers only the one to what was asked last counts. */
async function page(answer, number) {
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  const isJson = answer.headers.get("content-type")?.startsWith("application/json");
  const text = isJson ? await answer.json() : await answer.text();
  return number === asked ? new DOMParser().parseFromString(text, "text/html") : undefined;
}

/** What it comes to, alone. */
async function previewed() {
  const number = ++asked;
  const body = new URLSearchParams({ schedule: form().dataset.schedule, fields: fieldsWith().toString() });
  const headers = { accept: "application/json" };
  return page(await fetch("/ask/schedule-preview", { method: "POST", headers, body }), number);
}

/** The whole page, with what the button does. */
async function drawn(button) {
  const number = ++asked;
  const answer = await fetch(form().dataset.draws, { method: "POST", body: fieldsWith(button) });
  const whole = await page(answer, number);
  if (whole && !whole.getElementById("rota")) throw new Error("the answer is another page");
  return whole;
}

const replace = (page, id) => document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));

const said = (control) => (control.type === "checkbox" || control.type === "radio" ? control.checked : control.value);
const saidByAll = () => new Map([...form().elements].filter(({ id }) => id).map((control) => [control.id, said(control)]));

/** Stands until it can be shown again. */
function sayAway() {
  const heading = document.querySelector("#rota-preview > h2");
  if (!heading || document.getElementById("rota-away")) return;
  const said = document.createElement("p");
  said.id = "rota-away";
  said.className = "field-error";
  said.setAttribute("role", "status");
  said.textContent = "This cannot be shown anew just now. What you typed stays: “Show what it comes to” asks again.";
  heading.after(said);
}

async function preview() {
  if (drawing) return;
  const old = document.getElementById("rota-preview");
  old?.setAttribute("aria-busy", "true");
  try {
    const part = await previewed();
    if (part) replace(part, "rota-preview");
    // What windows are by the reader's clock stands beside them.
    for (const { id } of part?.querySelectorAll(".rota-yours") ?? []) if (document.getElementById(id)) replace(part, id);
  } catch (problem) {
    console.warn("What it comes to cannot be shown just now:", problem);
    sayAway();
  } finally {
    document.getElementById("rota-preview")?.removeAttribute("aria-busy");
  }
}

const soon = () => {
  clearTimeout(timer);
  timer = setTimeout(preview, PAUSE);
};

/** Draws the form and what it comes to anew. What was typed meanwhile stays, and so does whoever types. */
async function redraw(button, ids) {
  clearTimeout(timer);
  const before = saidByAll();
  const focused = document.activeElement?.id;
  const whole = await drawn(button);
  if (!whole) return;
  const typed = [...saidByAll()].filter(([id, value]) => before.get(id) !== value);
  const goesOn = document.activeElement?.id;
  for (const id of ["rota", "rota-preview"]) replace(whole, id);
  for (const [id, value] of typed) {
    const control = document.getElementById(id);
    if (!control) continue;
    if (typeof value === "boolean") control.checked = value;
    else control.value = value;
  }
  const to = goesOn === focused ? ids : [goesOn];
  to.map((id) => document.getElementById(id)).find(Boolean)?.focus();
  if (typed.length) soon();
}

/** One after the other: who presses again before the answer is there means what the button says by then. */
async function inTurn(work) {
  while (drawing) await drawing.catch(() => {});
  drawing = work();
  try {
    await drawing;
  } finally {
    drawing = undefined;
  }
}

/** The button that says and does the same in the form as it stands now. */
const sameButton = ({ value, textContent }) =>
  [...form().querySelectorAll("button[name=do]")].find((button) => button.value === value && button.textContent === textContent);

async function act(pressed) {
  await inTurn(async () => {
    const button = sameButton(pressed);
    if (!button) return;
    const [word, layer, turn] = button.value.split(":");
    // What was moved keeps the focus where it is now; what was added is where one goes on.
    const moved = { up: turn - 1, down: Number(turn) + 1 }[word];
    if (moved !== undefined) await redraw(button, [`do-${word}-${layer}-${moved}`, `layer-${layer}-turn-${moved}`]);
    else if (word === "preview") await redraw(button, [`layer-${layer}-add`, button.id]);
    else await redraw(button, [button.id, `layer-${layer}-add`]);
  });
}

addEventListener("input", ({ target }) => {
  if (form()?.contains(target)) soon();
});

// Another unit has other fields, and a number that was typed moves its turn.
addEventListener("change", ({ target }) => {
  if (!form()?.contains(target) || !/\.(unit|place)$/.test(target.name)) return;
  inTurn(() => redraw(undefined, [target.id])).catch((problem) => console.warn("The form cannot be drawn anew:", problem));
});

addEventListener("submit", (event) => {
  const { submitter, target } = event;
  if (target !== form() || submitter?.name !== "do" || passes) return;
  event.preventDefault();
  act(submitter).catch(() => {
    // The browser shows what the server says, or that it is away.
    passes = true;
    form().requestSubmit(sameButton(submitter));
    passes = false;
  });
});

// Turns can be dragged; where one is dropped, its number says so.
let dragged;
const rowOf = (target) => target.closest?.(".rota-turns > li");
addEventListener("pointerdown", ({ target }) => {
  const row = rowOf(target);
  if (row) row.draggable = !target.closest("input, button");
});
addEventListener("dragstart", ({ target }) => (dragged = rowOf(target)));
addEventListener("dragover", (event) => {
  if (dragged && rowOf(event.target)?.parentNode === dragged.parentNode) event.preventDefault();
});
addEventListener("drop", (event) => {
  const row = rowOf(event.target);
  if (!dragged || !row || row.parentNode !== dragged.parentNode) return;
  event.preventDefault();
  const place = dragged.querySelector(".rota-place");
  place.value = row.querySelector(".rota-place").value;
  dragged = undefined;
  place.dispatchEvent(new Event("change", { bubbles: true }));
});
