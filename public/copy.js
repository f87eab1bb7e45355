// What is pasted elsewhere has a button that copies it, and so has a link to a text (`data-copies`). Over plain HTTP a browser lets no page
// write the clipboard by itself, so there the text is chosen and copied as a person would.
const SAYS_SO = 2000;
const BLOCKS = ".paste, .prose:not(.markdown-preview) pre, a[data-copies]";
const offered = new WeakSet();

async function textAt(address) {
  const answer = await fetch(address);
  // Whoever is logged out is led to a page, which is no such text.
  if (!answer.ok || answer.redirected) throw new Error("no text");
  return answer.text();
}

async function copyFrom(link) {
  if (navigator.clipboard) {
    // The promise goes in as it is: after the answer a browser may not count this as a press any more.
    const text = textAt(link.href).then((text) => new Blob([text], { type: "text/plain" }));
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
  }
  const block = document.createElement("pre");
  block.textContent = await textAt(link.href);
  document.body.append(block);
  getSelection().selectAllChildren(block);
  const isCopied = document.execCommand("copy");
  block.remove();
  if (!isCopied) throw new Error("not allowed");
}

async function copy(block) {
  if (block.matches("a")) return copyFrom(block);
  if (navigator.clipboard) return navigator.clipboard.writeText(block.textContent);
  getSelection().selectAllChildren(block);
  if (!document.execCommand("copy")) throw new Error("not allowed");
}

function offer(block) {
  if (offered.has(block)) return;
  offered.add(block);
  const isLink = block.matches("a");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button small copies" });
  const said = document.createElement("span");
  said.className = "unseen";
  said.setAttribute("role", "status");
  const rest = () => {
    button.textContent = "Copy";
    // Beside each other, two buttons have two names.
    if (isLink) button.setAttribute("aria-label", `Copy: ${block.textContent}`);
    said.textContent = "";
  };
  const say = (words) => {
    button.removeAttribute("aria-label");
    button.textContent = said.textContent = words;
  };
  let back;
  button.addEventListener("click", async () => {
    try {
      await copy(block);
      say("Copied");
    } catch {
      if (!isLink) getSelection().selectAllChildren(block);
      say(isLink ? "Not copied" : "Press Ctrl+C");
    }
    clearTimeout(back);
    back = setTimeout(rest, SAYS_SO);
  });
  rest();
  block.after(button, said);
}

function look(root) {
  if (root.matches(BLOCKS)) offer(root);
  for (const block of root.querySelectorAll(BLOCKS)) offer(block);
}

look(document.body);
// What arrives later: an entry, a part of the page that was brought up to date.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node instanceof Element) look(node);
  }
}).observe(document.body, { childList: true, subtree: true });
