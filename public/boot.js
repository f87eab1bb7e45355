// Wakes the islands of a page. A file of its own, since the Content-Security-Policy allows no inline script.
// An island inside another one's children wakes after its parent, and tells the parent that its children are there.
const { client, wasm } = document.getElementById("boot").dataset;

// Between two islands a tap or a key is answered: on a slow phone each takes a while.
const breathe = () => globalThis.scheduler?.yield?.() ?? new Promise((on) => setTimeout(on));

async function wake(node, module, parents) {
  if (node.localName === "leptos-island") {
    await breathe();
    parents.at(-1)?.();
    await module[node.dataset.component]?.(node);
  }
  const inside = node.localName === "leptos-children" ? [...parents, node.$$on_hydrate] : parents;
  for (const child of [...node.children]) await wake(child, module, inside);
}

if (document.querySelector("leptos-island")) {
  const module = await import(client);
  await module.default({ module_or_path: wasm });
  module.hydrate();
  await wake(document.body, module, []);
  document.documentElement.dataset.awake = "";
}
