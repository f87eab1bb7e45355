// What is pasted elsewhere has a button that copies it. Over plain HTTP a browser lets no page write the clipboard by itself, so there the
// text is chosen and copied as a person would.
const SAYS_SO = 2000;

async function copy(block) {
  if (navigator.clipboard) return navigator.clipboard.writeText(block.textContent);
  getSelection().selectAllChildren(block);
  if (!document.execCommand("copy")) throw new Error("not allowed");
}

for (const block of document.querySelectorAll(".paste, .prose pre")) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button small copies", textContent: "Copy" });
  const said = document.createElement("span");
  said.className = "unseen";
  said.setAttribute("role", "status");
  let back;
  button.addEventListener("click", async () => {
    try {
      await copy(block);
      button.textContent = said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(block);
      button.textContent = said.textContent = "Press Ctrl+C";
    }
    clearTimeout(back);
    back = setTimeout(() => {
      button.textContent = "Copy";
      said.textContent = "";
    }, SAYS_SO);
  });
  block.after(button, said);
}
