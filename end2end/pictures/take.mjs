// The pictures for the README and the docs, and a short tour: taken of the demo, so that they show what is.
// `cargo xtask screenshots` says where the binary, Chromium and the folder for the pictures are.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { launch, settled } from "../browser.mjs";
import { demo, until } from "../kintsugi.mjs";
import { film } from "./tour.mjs";

/** A fixed day, so that pictures change when the pages do. */
const NOW = "2026-11-24T10:31:00Z";
const MOST_PICTURES = 2.5e6;
const MOST_TOUR = 1.5e6;

const out = process.env.KINTSUGI_PICTURES;
assert.ok(out, "set KINTSUGI_PICTURES to the folder for the pictures");
mkdirSync(out, { recursive: true });

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** What is taken: name of the file, path or a way there, and the looks that it is taken in besides light on a desk. */
const pictures = [
  { name: "log-in", path: "/login", nobody: true },
  { name: "home", path: "/", looks: ["dark", "phone"] },
  { name: "incidents", path: "/incidents" },
  { name: "postmortems", path: "/postmortems" },
  { name: "postmortem", path: "/postmortems", way: "How we lost the orders database", looks: ["dark", "phone"] },
  { name: "backlog", path: "/teams/platform/backlog", looks: ["dark"] },
  { name: "on-call", path: "/on-call", looks: ["phone"] },
  { name: "service", path: "/settings/services/checkout" },
  { name: "find", path: "/find?q=card" },
  { name: "mail", path: "/mail" },
  { name: "incident", path: "/incidents", way: "18 % of cards", looks: ["dark", "phone", "phone-dark"], ripe: "one card payment in seven" },
];

const company = await demo({}, "--seed", "1", "--now", NOW);
const browser = await launch();
try {
  const sizes = [];
  const person = await visitor(desk);
  await comeIn(person);
  for (const picture of pictures) sizes.push(...(await take(person, picture)));
  const tour = await film({ person, base: company.base });
  writeFileSync(join(out, "tour.webp"), tour);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`${sizes.length} pictures, ${kilobytes(all)} in all; the tour ${kilobytes(tour.length)}`);
  assert.ok(all < MOST_PICTURES, `the pictures are larger than ${kilobytes(MOST_PICTURES)}`);
  assert.ok(tour.length < MOST_TOUR, `the tour is larger than ${kilobytes(MOST_TOUR)}`);
} finally {
  await browser.close();
  await company.stop();
}

/** A browser whose clock reads what the demo's does, with the dots of a phone. */
async function visitor(viewport) {
  const context = await browser.newContext({ viewport, deviceScaleFactor: 2, timezoneId: "Europe/Berlin", locale: "en-GB", reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.clock.install({ time: new Date(NOW) });
  return page;
}

async function comeIn(page) {
  await page.goto(`${company.base}/login`);
  await page.getByRole("button", { name: "Come in as the responder on call" }).click();
  await page.waitForURL(`${company.base}/`);
}

async function take(person, { name, path, way, looks = [], nobody, ripe }) {
  const page = nobody ? await visitor(desk) : person;
  await page.goto(company.base + path);
  if (way) await page.getByRole("link", { name: way }).first().click();
  if (ripe) await until(() => page.getByText(ripe).first().isVisible(), `“${ripe}” on ${page.url()}`, 240);
  const sizes = [];
  for (const look of ["light", ...looks]) {
    await page.setViewportSize(look.startsWith("phone") ? phone : desk);
    await page.emulateMedia({ colorScheme: look.endsWith("dark") ? "dark" : "light", reducedMotion: "reduce" });
    await page.evaluate(() => window.scrollTo(0, 0));
    await settled(page);
    const file = join(out, look === "light" ? `${name}.png` : `${name}-${look}.png`);
    sizes.push(await keep(await page.screenshot({ scale: look.startsWith("phone") ? "device" : "css" }), file));
  }
  await page.setViewportSize(desk);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  if (nobody) await page.context().close();
  return sizes;
}

/** With a palette of 256 colours a page is a third of its size and looks the same. */
async function keep(picture, file) {
  const small = await sharp(picture).png({ palette: true, colours: 256, effort: 10, compressionLevel: 9 }).toBuffer();
  writeFileSync(file, small);
  console.log(`${file} ${kilobytes(small.length)}`);
  return small.length;
}

function kilobytes(bytes) {
  return `${Math.ceil(bytes / 1000)} KB`;
}
