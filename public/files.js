// Images and texts that are pasted, dropped or chosen go to the server at once, and what shows them stands in the text that is being
// written: so drafts keep it, and the form is one of words. Without this script they come with the form.
const AGAIN = [408, 425, 429, 502, 503, 504];
const MOST = 10 * 1024 * 1024;
/** How many are still on their way, and the line that says so, by form. */
const underWay = new WeakMap();

const formOf = (target) => target.closest?.("form[data-files]");
const fieldOf = (form) => form.querySelector("textarea");

function lineOf(form) {
  let line = form.querySelector(":scope > .files-line");
  if (!line) {
    line = document.createElement("p");
    line.className = "files-line quiet small";
    line.setAttribute("role", "status");
    form.append(line);
  }
  return line;
}

/** Puts words where the reader writes, with an empty line around what stands there. */
function insert(field, words) {
  const [before, after] = [field.value.slice(0, field.selectionStart), field.value.slice(field.selectionEnd)];
  const gap = before === "" || before.endsWith("\n") ? "" : "\n\n";
  const rest = after === "" || after.startsWith("\n") ? "" : "\n";
  field.value = `${before}${gap}${words}\n${rest}${after}`;
  const caret = before.length + gap.length + words.length + 1;
  field.setSelectionRange(caret, caret);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

async function take(form, files) {
  const line = lineOf(form);
  const refused = [];
  for (const file of files) {
    underWay.set(form, (underWay.get(form) ?? 0) + 1);
    line.textContent = `Sending ${file.name || "the image"} …`;
    try {
      insert(fieldOf(form), await send(form, file, line));
    } catch (problem) {
      refused.push(`${file.name || "The image"}: ${problem.message}`);
    }
    underWay.set(form, underWay.get(form) - 1);
  }
  if (underWay.get(form)) return;
  line.textContent = refused.join(" ");
  const by = form.requestedBy;
  form.requestedBy = undefined;
  if (by !== undefined && refused.length === 0) form.requestSubmit(by);
}

async function send(form, file, line) {
  if (file.size > MOST) throw new Error("a file has at most 10 MB. Cut out what matters, or put it where it can be linked to.");
  const body = new FormData();
  body.append("files", file, file.name || "image.png");
  for (let tries = 0; ; tries += 1) {
    let answer;
    try {
      answer = await fetch(form.dataset.files, { method: "POST", body, headers: { accept: "application/json" }, signal: AbortSignal.timeout(180_000) });
    } catch {
      // No answer: the line is cut, or the server is away.
    }
    if (answer?.ok) return (await answer.json()).markdown.join("\n\n");
    if (answer && !AGAIN.includes(answer.status)) throw new Error((await answer.json().catch(() => ({}))).detail ?? "it was not taken.");
    line.textContent = `${file.name || "The image"} is not sent yet: the server does not answer. It is sent again by itself.`;
    await new Promise((on) => {
      setTimeout(on, Math.min(2 ** tries, 30) * 1000);
      addEventListener("online", on, { once: true });
    });
  }
}

addEventListener("paste", (event) => {
  const form = formOf(event.target);
  const files = [...(event.clipboardData?.files ?? [])];
  // Tables and texts come with a picture of themselves; what is meant is their words.
  if (!form || files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  take(form, files);
});

const brings = (event) => event.dataTransfer?.types.includes("Files") && formOf(event.target);
addEventListener("dragover", (event) => {
  const form = brings(event);
  if (!form) return;
  event.preventDefault();
  form.dataset.drop = "";
});
addEventListener("dragleave", (event) => {
  const form = formOf(event.target);
  if (form && !form.contains(event.relatedTarget)) delete form.dataset.drop;
});
addEventListener("drop", (event) => {
  const form = brings(event);
  if (!form) return;
  event.preventDefault();
  delete form.dataset.drop;
  take(form, [...event.dataTransfer.files]);
});

addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const form = formOf(target);
  if (!form) return;
  const files = [...target.files];
  target.value = "";
  take(form, files);
});

// A form does not go before what belongs to it is there. This comes before the drafts hear of it.
addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!underWay.get(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.requestedBy = event.submitter;
  },
  { capture: true },
);
