// A browser for the tests: an installed Chromium, a fresh profile, and an eye on the Content-Security-Policy.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** `cargo xtask test` says where Chromium is; without it the usual places. */
function chromiumPath() {
  const places = [process.env.KINTSUGI_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = places.find((place) => place && existsSync(place));
  assert.ok(found, "no Chromium: set KINTSUGI_CHROMIUM");
  return found;
}

/** A browser with a fresh profile; `more` are flags for its command line. */
export async function launch(more = []) {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/**
 * A person at a browser of their own: `{ context, page, problems }`. What breaks the Content-Security-Policy, and
 * whatever else the console calls an error, is collected in `problems`; a test ends with `assert.deepEqual(problems, [])`.
 */
export async function visitor(browser, { javaScript = true, width = 1440, height = 900, ...more } = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: javaScript,
    viewport: { width, height },
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    ...more,
  });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    // A refused form is an answer with 422, which Chromium counts as a fault; a test that cuts the line knows that it did.
    const expected = /status of 422|net::ERR_(INTERNET|INCOMPLETE|CONNECTION|EMPTY|NETWORK|ABORTED)/.test(message.text());
    if (message.type() === "error" && !expected) problems.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  return { context, page, problems };
}

/** Waits until the islands are awake. */
export async function awake(page) {
  await page.waitForSelector("html[data-awake]", { state: "attached" });
}

/** Waits until colours have arrived: one on its way to another is neither. */
export async function settled(page) {
  await page.evaluate(() => {
    const transitions = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    for (const transition of transitions) transition.finish();
  });
}

/** axe-core on the page as it is. It comes in by the debugger, where the Content-Security-Policy does not reach. */
export async function accessible(page) {
  const found = await page.evaluate(`(async () => { ${axe}; return (await axe.run()).violations })()`);
  const words = found.map((rule) => `${rule.id}: ${rule.help}\n  ${rule.nodes.map((node) => node.html).join("\n  ")}`);
  assert.deepEqual(words, [], `axe-core on ${page.url()}`);
}
