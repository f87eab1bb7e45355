// Images and texts beside what people write: pasted, dropped and chosen, with JavaScript and without; and lists that stay true under a
// finger.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { house } from "../house.mjs";
import { until } from "../kintsugi.mjs";
import { hasNoScript, look, open, openIncident, press } from "../steps.mjs";

const here = house();

/** A small picture, drawn in the browser itself: what a screenshot in the clipboard is. */
const bring = (page, how, name) =>
  page.evaluate(
    async ([how, name]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 240 });
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#1f5f91";
      pen.fillRect(0, 0, 640, 240);
      const blob = await new Promise((made) => canvas.toBlob(made));
      const data = new DataTransfer();
      data.items.add(new File([blob], name, { type: "image/png" }));
      const field = document.querySelector("#write textarea");
      const event =
        how === "paste"
          ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      field.dispatchEvent(event);
    },
    [how, name],
  );

const pixel = {
  name: "graph.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
};
const shown = (page) => page.locator("#timeline .written img");

test("an image is pasted or dropped into a note, and others see it at once", async () => {
  const { page, context, problems } = await here.mai();
  const address = await openIncident(page, here.server.base, "With images");
  await awake(page);
  const other = await here.mai();
  await other.page.goto(address);
  await awake(other.page);
  const field = page.getByLabel("Write into the timeline");
  await field.fill("Look:");
  await bring(page, "paste", "graph.png");
  await until(async () => /^Look:\n\n!\[graph\.png\]\(\/incidents\/\d+\/files\//.test(await field.inputValue()), "the image in the text");
  await bring(page, "drop", "second.png");
  await until(async () => (await field.inputValue()).includes("![second.png]"), "the second image");
  // What shows it is words, so a reload loses nothing.
  page.once("dialog", (dialog) => dialog.accept());
  await page.reload();
  await awake(page);
  assert.match(await field.inputValue(), /!\[second\.png\]/);
  await press(page, "Add note");
  for (const reader of [page, other.page]) {
    await until(async () => (await shown(reader).count()) === 2, "both images");
    await shown(reader).first().scrollIntoViewIfNeeded();
    await until(() => shown(reader).first().evaluate((image) => image.complete && image.naturalWidth > 0), "the image is loaded");
  }
  assert.equal(await field.inputValue(), "");
  await look(page, "files");
  const large = await page.locator("#timeline .written a:has(img)").first().getAttribute("href");
  const answer = await page.request.get(here.server.base + large);
  assert.equal(answer.headers()["content-type"], "image/png");
  assert.match(answer.headers()["content-security-policy"], /sandbox/);
  assert.deepEqual([...problems, ...other.problems], []);
  await Promise.all([context.close(), other.context.close()]);
});

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";

  test(`a file is chosen for a note, and refused with a sentence where it is none that is taken${how}`, async () => {
    const { page, context, problems } = await here.mai({ javaScript });
    if (!javaScript) hasNoScript(page);
    await openIncident(page, here.server.base, `Chosen${how}`);
    if (javaScript) await awake(page);
    const field = page.getByLabel("Write into the timeline");
    const files = page.locator("#write").getByLabel("Images and texts");
    await field.fill("See the program");
    await files.setInputFiles({ name: "run.exe", mimeType: "application/octet-stream", buffer: Buffer.from([77, 90, 0, 3]) });
    if (!javaScript) await press(page, "Add note");
    await page.getByText("Images (PNG, JPEG, WebP, GIF) and texts are taken.").waitFor();
    assert.match(await field.inputValue(), /^See the program/);
    await look(page, `files-refused${javaScript ? "" : "-plain"}`);
    await files.setInputFiles([pixel, { name: "app.log", mimeType: "text/plain", buffer: Buffer.from("no route\n") }]);
    if (javaScript) await until(async () => (await field.inputValue()).includes("[app.log]"), "both in the text");
    await press(page, "Add note");
    await until(async () => (await shown(page).count()) === 1, "the image");
    await page.locator("#timeline .written").getByRole("link", { name: "app.log" }).waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
}

test("the list of incidents stays true, and nothing moves under a finger", async () => {
  const { page, context, problems } = await here.mai();
  const other = await here.mai();
  const address = await openIncident(other.page, here.server.base, "The first of two");
  await page.goto(`${here.server.base}/incidents`);
  await awake(page);
  await page.mouse.move(2, 2);
  const row = (title) => page.locator("#incident-rows").getByRole("link", { name: title });
  await row("The first of two").waitFor();
  // Nobody points at anything.
  await openIncident(other.page, here.server.base, "The second of two");
  await row("The second of two").waitFor({ timeout: 15_000 });
  // Somebody points at the list.
  await page.waitForTimeout(1200);
  await row("The first of two").hover();
  const titles = () => page.locator("#incident-rows .incident-title").allTextContents();
  const before = await titles();
  await openIncident(other.page, here.server.base, "One more");
  await page.getByRole("button", { name: "Something changed. Show it" }).waitFor({ timeout: 15_000 });
  assert.deepEqual(await titles(), before, "it stays as it was");
  await press(page, "Something changed. Show it");
  await row("One more").waitFor();
  // A tap that was on its way does nothing.
  await row("One more").click({ noWaitAfter: true });
  assert.equal(new URL(page.url()).pathname, "/incidents");
  // Home is live, too.
  await page.goto(here.server.base);
  await page.mouse.move(2, 2);
  await page.locator("#open-now").getByText("One more").waitFor();
  await other.page.goto(address);
  await other.page.getByRole("button", { name: "Acknowledge" }).first().click();
  await page.locator("#open-now li", { hasText: "The first of two" }).getByText("Acknowledged").waitFor({ timeout: 15_000 });
  assert.deepEqual([...problems, ...other.problems], []);
  await Promise.all([context.close(), other.context.close()]);
});

test("a task is ticked, and what can wait becomes an action item", async () => {
  const { page, context, problems } = await here.mai();
  await openIncident(page, here.server.base, "With tasks");
  await awake(page);
  for (const task of ["Call the data centre", "Raise the limit"]) {
    await open(page, "Add a task");
    await page.getByLabel("What is to be done?").fill(task);
    await press(page, "Add it");
    await page.locator("#tasks").getByText(task).waitFor();
  }
  await page.getByRole("button", { name: "Done: Call the data centre" }).click();
  await page.locator("#tasks").getByRole("button", { name: "Not done yet: Call the data centre" }).waitFor();
  await page.getByRole("button", { name: "Later, as an action item: Raise the limit" }).click();
  await page.locator("#action-items").getByText("Raise the limit").waitFor();
  assert.equal(await page.locator("#tasks").getByText("Raise the limit").count(), 0);
  await look(page, "tasks");
  assert.deepEqual(problems, []);
  await context.close();
});
