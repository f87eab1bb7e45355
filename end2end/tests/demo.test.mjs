// The demo as somebody meets it who wants to look around: one click, and something moves.
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { awake, launch, visitor } from "../browser.mjs";
import { demo, freshFolder, until } from "../kintsugi.mjs";
import { look, press } from "../steps.mjs";

let browser;
let company;

before(async () => {
  company = await demo();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await company?.stop();
});

test("one click lets the responder on call in, and the incident under way moves while they watch", async () => {
  const { page, problems } = await visitor(browser);
  await page.goto(company.base);
  await page.getByText("This is a demo.").waitFor();
  await look(page, "demo-log-in");
  await press(page, "Come in as the responder on call");
  await page.waitForURL(`${company.base}/`);
  await page.getByText("This is a demo.").waitFor();
  await page.goto(`${company.base}/incidents`);
  await page.getByRole("link", { name: "18 % of cards" }).first().click();
  await awake(page);
  const entries = page.locator(".entry");
  const before = await entries.count();
  await until(async () => (await entries.count()) > before, "a new entry, without loading the page again", 30);
  assert.deepEqual(problems, []);
});

test("nothing is left of it", async () => {
  const folder = freshFolder("demo");
  const other = await demo({ TMPDIR: folder });
  assert.equal(readdirSync(folder).length, 1);
  await other.stop();
  assert.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});
