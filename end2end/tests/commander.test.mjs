// A commander's night: two browsers, forty notes, images, and an incident that is handed over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { company } from "../company.mjs";
import { until } from "../kintsugi.mjs";
import { commander, handOver, inTheRoom } from "../room.mjs";
import { look, press } from "../steps.mjs";

const graph = {
  name: "graph.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
};

const here = company();

const written = (page) => page.locator("#timeline .written");

test("two write forty notes, show an image, and hand the incident over", { timeout: 290_000 }, async () => {
  const { ana, bo } = await inTheRoom(here, "Everything is slow");

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
