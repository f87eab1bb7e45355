// What the components look like, section by section of the page of all components, beside pictures of before. Small and tolerant:
// another version of Chromium draws letters a little differently, and that is no fault. To take the pictures anew:
//   KINTSUGI_RENEW=1 node --test tests/design.test.mjs
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { launch, visitor } from "../browser.mjs";
import { serveDesign } from "../design.mjs";

const renew = Boolean(process.env.KINTSUGI_RENEW);
const pictures = new URL("../design/", import.meta.url);
const results = new URL("../results/", import.meta.url);
/** Of the pixels of a section. */
const mostDiffering = 0.02;
/** Of its height: a section that grew by a line has changed. */
const mostHigher = 0.03;

let browser;
let design;

before(async () => {
  design = await serveDesign();
  browser = await launch();
  if (renew) rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  mkdirSync(results, { recursive: true });
});

after(async () => {
  await browser?.close();
  design?.stop();
});

/** Without JavaScript nothing ticks, and half the size hides how a letter's edge is drawn. */
async function sections(colorScheme) {
  const { page, context } = await visitor(browser, {
    javaScript: false,
    colorScheme,
    reducedMotion: "reduce",
    width: 900,
    height: 900,
    deviceScaleFactor: 0.5,
  });
  await page.goto(design.address);
  await page.evaluate(() => document.fonts.ready);
  const parts = await page.locator("header.bar, .design-part").all();
  const taken = [];
  for (const part of parts) {
    const name = (await part.locator("> h2").first().textContent({ timeout: 500 }).catch(() => "bar")) ?? "bar";
    taken.push([name.toLowerCase().replace(/[^a-z]+/g, "-"), await part.screenshot()]);
  }
  await context.close();
  return taken;
}

/** Both pictures as large as the smaller one. */
function cropped(picture, width, height) {
  const smaller = new PNG({ width, height });
  PNG.bitblt(picture, smaller, 0, 0, width, height, 0, 0);
  return smaller;
}

function compare(name, taken) {
  const file = new URL(`${name}.png`, pictures);
  if (renew) {
    writeFileSync(file, taken);
    return;
  }
  const [now, then] = [PNG.sync.read(taken), PNG.sync.read(readFileSync(file))];
  const [width, height] = [Math.min(now.width, then.width), Math.min(now.height, then.height)];
  const diff = new PNG({ width, height });
  const [one, other] = [cropped(now, width, height), cropped(then, width, height)];
  const differing = pixelmatch(one.data, other.data, diff.data, width, height, { threshold: 0.2 }) / (width * height);
  const higher = Math.abs(now.height - then.height) / then.height;
  if (differing <= mostDiffering && higher <= mostHigher) return;
  for (const [kind, bytes] of [
    ["now", taken],
    ["diff", PNG.sync.write(diff)],
  ]) {
    writeFileSync(new URL(`${name}-${kind}.png`, results), bytes);
  }
  const percent = (part) => `${(part * 100).toFixed(1)} %`;
  assert.fail(
    `${name} has changed: ${percent(differing)} of its pixels, ${percent(higher)} of its height. ` +
      `See ${fileURLToPath(results)}${name}-diff.png; if it is meant so: KINTSUGI_RENEW=1 node --test tests/design.test.mjs`,
  );
}

for (const colorScheme of ["light", "dark"]) {
  test(`components look as they did, ${colorScheme}`, async () => {
    for (const [name, taken] of await sections(colorScheme)) compare(`${name}-${colorScheme}`, taken);
  });
}
