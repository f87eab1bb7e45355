// Whoever reads further down in a live timeline keeps the place (app/islands/src/live_timeline.rs). A button below says how much is new above,
// and leads there. It says nothing aloud: the timeline itself tells of each entry as it arrives.
const island = document.getElementById("timeline")?.closest("leptos-island");
const bar = document.createElement("button");
Object.assign(bar, { type: "button", className: "button fresh-bar", hidden: true });
let count = 0;
let watch;

const newest = () => island.querySelector("#timeline > .entry");

/** Where the window shows the page: below the strip, while that is pinned. */
function seenFrom() {
  const strip = document.querySelector(".strip-inside")?.getBoundingClientRect();
  return strip && strip.top < 1 ? Math.max(strip.bottom, 0) : 0;
}

function seen() {
  watch?.disconnect();
  bar.hidden = true;
  count = 0;
}

function tell() {
  if (!bar.isConnected) document.getElementById("timeline").before(bar);
  bar.textContent = `${count} new`;
  bar.hidden = false;
  watch?.disconnect();
  // Once the top is in view, or further down than what is, there is nothing to be led to.
  watch = new IntersectionObserver((looks) => looks.at(-1).isIntersecting && seen(), {
    rootMargin: `-${Math.ceil(seenFrom())}px 0px 1000000px`,
  });
  watch.observe(newest());
}

bar.addEventListener("click", () => {
  const entry = newest();
  entry.tabIndex = -1;
  entry.scrollIntoView({ block: "start" });
  entry.focus({ preventScroll: true });
  seen();
});

/** A new entry that stands above what the window shows; one that was added later may stand further down. */
const isAbove = (node) =>
  node instanceof Element && node.matches("#timeline > .arrived") && node.getBoundingClientRect().bottom <= seenFrom();

if (island) {
  new MutationObserver((changes) => {
    const arrived = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(isAbove);
    count += arrived.length;
    if (arrived.length > 0) tell();
  }).observe(island, { childList: true, subtree: true });
}
