// A commander's night: two browsers, forty notes, images, and an incident that is handed over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { company } from "../company.mjs";
import { until } from "../kintsugi.mjs";
import { look, open, press } from "../steps.mjs";

const graph = {
  name: "graph.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
};

const here = company();

const commander = (page) => page.locator("#people .role").first();
const written = (page) => page.locator("#timeline .written");

async function handOver(page, to) {
  const dialog = await open(page, "Hand over");
  await dialog.getByLabel("Whom").selectOption({ label: to });
  await dialog.getByLabel("Why").fill("I have to sleep");
  await dialog.getByRole("button", { name: "Ask them" }).click();
  await page.locator("#handover").getByText(`${to} is asked to take it over.`).waitFor();
}

/** Both in the room of a new incident, which Ana leads. */
async function inTheRoom(title) {
  const [ana, bo] = [await here.comesAs("administrator"), await here.comesAs("responder")];
  await ana.page.goto(`${here.server.base}/incidents/new`);
  await ana.page.getByLabel("Title").or(ana.page.getByLabel("What is broken")).first().fill(title);
  await ana.page.getByLabel("Card payments").check();
  await press(ana.page, "Open and page");
  await ana.page.waitForURL(/\/incidents\/\d+/);
  const address = ana.page.url().replace(/[?#].*/, "");
  await ana.page.goto(address);
  await awake(ana.page);
  await bo.page.goto(address);
  await awake(bo.page);
  await commander(ana.page).getByRole("button", { name: /^Take it/ }).click();
  await commander(ana.page).getByText(ana.name).waitFor();
  return { ana, bo, address };
}

test("two write forty notes, show an image, and hand the incident over", { timeout: 290_000 }, async () => {
  const { ana, bo } = await inTheRoom("Everything is slow");

  // Both write at once; each sees all of it.
  const field = (page) => page.getByLabel("Write into the timeline");
  for (let note = 1; note <= 20; note += 1) {
    for (const { page, name } of [ana, bo]) {
      await until(() => field(page).evaluate((text) => !text.readOnly), "the note before is there");
      await field(page).fill(`Note ${note} of ${name}`);
      await press(page, "Add note");
      await page.locator("#timeline").getByText(`Note ${note} of ${name}`).waitFor();
    }
  }
  for (const { page } of [ana, bo]) {
    await until(async () => (await written(page).count()) >= 40, "forty notes in both browsers");
  }
  const order = async (page) => (await written(page).locator(".prose").allTextContents()).map((text) => text.trim());
  assert.equal(new Set(await order(ana.page)).size, 40, "each once");

  // What one shows, the other sees.
  await ana.page.locator("#write").getByLabel("Images and texts").setInputFiles(graph);
  await until(async () => (await field(ana.page).inputValue()).includes("![graph.png]"), "the image in the text");
  await press(ana.page, "Add note");
  await bo.page.locator("#timeline .written img").first().waitFor();

  // A hand-over stays until it is accepted.
  await handOver(ana.page, bo.name);
  await bo.page.locator("#handover").getByRole("button", { name: "Take it over" }).waitFor();
  await look(bo.page, "handover");
  assert.ok((await commander(ana.page).textContent()).includes(ana.name), "it stays meanwhile");
  await bo.page.locator("#handover").getByRole("button", { name: "Take it over" }).click();
  await commander(bo.page).getByText(bo.name).waitFor();
  await commander(ana.page).getByText(bo.name).waitFor();
  await ana.page.locator("#timeline").getByText(`took it over from ${ana.name}`).waitFor();

  assert.deepEqual([...ana.problems, ...bo.problems], []);
  await Promise.all([ana.context.close(), bo.context.close()]);
});
