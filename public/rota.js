// The editor of a schedule: what it comes to is drawn anew as one types, and its buttons do what they say without leaving the page. All
// of it is the server's own page; without this script the same buttons send the form.
const PAUSE = 400;
let asked = 0;
let timer;

const form = () => document.getElementById("rota");

async function drawn(submitter) {
  const number = ++asked;
  const fields = new URLSearchParams(new FormData(form(), submitter));
  // Nothing is made by looking.
  fields.delete("form_key");
  const answer = await fetch(form().dataset.draws, { method: "POST", body: fields });
  if (!answer.ok || number !== asked) return undefined;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

const replace = (page, id) => {
  const fresh = page?.getElementById(id);
  if (fresh) document.getElementById(id).replaceWith(document.adoptNode(fresh));
};

async function preview() {
  const old = document.getElementById("rota-preview");
  old?.setAttribute("aria-busy", "true");
  try {
    replace(await drawn(), "rota-preview");
  } catch (problem) {
    console.warn("What it comes to cannot be shown just now:", problem);
  } finally {
    document.getElementById("rota-preview")?.removeAttribute("aria-busy");
  }
}

async function act(button) {
  clearTimeout(timer);
  const page = await drawn(button);
  if (!page) return;
  for (const id of ["rota", "rota-preview"]) replace(page, id);
  const [word, layer, turn] = button.value.split(":");
  // What was moved keeps the focus where it is now; what was added is where one goes on.
  const moved = { up: turn - 1, down: Number(turn) + 1 }[word];
  const ids = moved === undefined ? [button.id, `layer-${layer}-add`] : [`do-${word}-${layer}-${moved}`, `layer-${layer}-turn-${moved}`];
  ids.map((id) => document.getElementById(id)).find(Boolean)?.focus();
}

addEventListener("input", ({ target }) => {
  if (!form()?.contains(target)) return;
  clearTimeout(timer);
  timer = setTimeout(preview, PAUSE);
});

// Another unit has other fields, and a number that was typed moves its turn.
addEventListener("change", ({ target }) => {
  if (!form()?.contains(target) || !/\.(unit|place)$/.test(target.name)) return;
  clearTimeout(timer);
  const { id } = target;
  drawn()
    .then((page) => {
      for (const region of ["rota", "rota-preview"]) replace(page, region);
      document.getElementById(id)?.focus();
    })
    .catch((problem) => console.warn("The form cannot be drawn anew:", problem));
});

addEventListener("submit", (event) => {
  const { submitter, target } = event;
  if (target !== form() || submitter?.name !== "do") return;
  event.preventDefault();
  act(submitter).catch(() => form().requestSubmit(submitter));
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
