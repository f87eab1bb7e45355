// A button that has just changed what it means rests for a second: a tap that was on its way to what stood there before does nothing,
// and starts the second anew. It happens where a page is the answer to a verb (the server marks it `settling`), where the live stream
// changes a region under the finger, and where a question opens. Without JavaScript the style does it (style/components/settle.css),
// and the server refuses what comes too soon.
const PAUSE = 1000;
const RESTS = ".button-form > .button, .asks > .button";
const resting = new Map();

function rest(region, until = performance.now() + PAUSE, selector = RESTS) {
  if (until <= performance.now()) return;
  const buttons = [...region.querySelectorAll(selector)];
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  const wake = () => {
    resting.delete(region);
    for (const button of buttons) button.removeAttribute("aria-disabled");
  };
  clearTimeout(resting.get(region)?.timer);
  resting.set(region, { selector, timer: setTimeout(wake, until - performance.now()) });
}

// A key on such a button is a click too.
addEventListener(
  "click",
  (event) => {
    if (!event.target.closest?.("[aria-disabled=true]")) return;
    event.preventDefault();
    event.stopPropagation();
    for (const [region, { selector }] of resting) {
      if (region.contains(event.target)) rest(region, undefined, selector);
    }
  },
  { capture: true },
);

// What a question asks is not answered by the second tap of two. The toggle is told of later than the press that did it, and a press
// on the summary is not the only thing that opens a question.
const question = (asks) => rest(asks, undefined, ".buttons > .button");
addEventListener("click", ({ target }) => {
  const asks = target.closest?.(".asks > summary")?.parentElement;
  if (asks && !asks.open) question(asks);
});
addEventListener(
  "toggle",
  ({ target }) => {
    if (target.matches?.(".asks[open]")) question(target);
  },
  { capture: true },
);

// The region that the live stream brings up to date, by what its buttons do.
const meaning = (region) => [...region.querySelectorAll(RESTS)].map((button) => `${button.form?.action} ${button.textContent}`).join("\n");
const sameIn = (region, button) => [...region.querySelectorAll(RESTS)].find(({ textContent }) => textContent === button.textContent);

let focused;
addEventListener("focusin", ({ target }) => (focused = target));

new MutationObserver((changes) => {
  for (const { addedNodes, removedNodes } of changes) {
    const [fresh, elder] = [addedNodes[0], removedNodes[0]];
    if (!fresh?.id || fresh.id !== elder?.id || !fresh.querySelector?.(RESTS)) continue;
    if (meaning(fresh) !== meaning(elder) || elder.querySelector("[aria-disabled=true]")) rest(fresh);
    // Whoever was on a button of it by the keyboard stays there.
    if (document.activeElement === document.body && elder.contains(focused)) {
      (sameIn(fresh, focused) ?? fresh.querySelector(RESTS)).focus({ preventScroll: true });
    }
  }
}).observe(document.querySelector("main"), { childList: true, subtree: true });

document.documentElement.dataset.settles = "";
const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? performance.now();
for (const page of document.querySelectorAll("main .settling:not(form)")) rest(page, painted + PAUSE);
