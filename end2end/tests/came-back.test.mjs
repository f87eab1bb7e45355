// A factor that is met again is held against what was promised the last time; a person says how it came about.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, awake } from "../browser.mjs";
import { house } from "../house.mjs";
import { answer, look, open, openIncident, press } from "../steps.mjs";

const here = house();
const unwarned = "Nothing warned before the limit was reached";

/** An incident that is over, with a document that names the factor. */
async function reviewed(page, title, factor) {
  const address = await openIncident(page, here.server.base, title);
  await awake(page);
  await answer(page, "Resolve", "Resolve it");
  await press(page, "Write the postmortem");
  await page.waitForURL("**/postmortem");
  const dialog = await open(page, "Name a contributing factor");
  await dialog.getByLabel("Factor").fill(factor);
  await dialog.getByRole("button", { name: "Name it" }).click();
  await page.getByRole("heading", { name: factor }).first().waitFor();
  return `${address}/postmortem`;
}

test("what came back is said in the document and counted on its page", async () => {
  const { page, context, problems } = await here.mai();
  const first = await reviewed(page, "The pool is full", unwarned);
  const document = await reviewed(page, "The pool is full again", unwarned);
  await page.goto(document);
  const met = page.locator("[id^=came-back-]");
  await met.getByText("Not looked at yet.").waitFor();
  const [number] = first.match(/\d+(?=\/postmortem)/);
  assert.ok((await met.innerText()).includes(`Came back. Nothing was promised after INC-${number}.`));

  const refused = await open(page, "Say how it came about");
  await refused.getByLabel("In a few words").fill("The limit was raised, not watched");
  await refused.getByRole("button", { name: "Save" }).click();
  await page.getByText("Choose how it came about.").waitFor();
  const again = await open(page, "Say how it came about");
  assert.equal(await again.getByLabel("In a few words").inputValue(), "The limit was raised, not watched");
  await again.getByLabel("How it came about").selectOption({ label: "It did not hold" });
  await again.getByRole("button", { name: "Save" }).click();
  await met.locator("strong", { hasText: "It did not hold" }).waitFor();
  await accessible(page);
  await look(page, "came-back-document");

  await page.goto(`${here.server.base}/learning`);
  await page.getByRole("heading", { name: "What came back" }).waitFor();
  await accessible(page);
  await look(page, "came-back");
  await page.goto(document);
  await met.getByRole("link", { name: unwarned }).click();
  await page.getByRole("heading", { level: 1, name: unwarned }).waitFor();
  await accessible(page);
  await look(page, "factor");
  assert.deepEqual(problems, []);

  const still = await here.mai({ javaScript: false });
  await still.page.goto(document);
  await still.page.locator("[id^=came-back-] strong", { hasText: "It did not hold" }).waitFor();
  await still.page.goto(`${here.server.base}/learning`);
  await still.page.getByRole("heading", { name: "What came back" }).waitFor();
  await still.context.close();
  await context.close();
});

test("what was promised is shown where its factor came back, and where it was promised", async () => {
  const { page, context, problems } = await here.mai();
  const other = "A quota that nobody knew of";
  const first = await reviewed(page, "Uploads stop", other);
  const form = await open(page, "Add an action item");
  await form.getByLabel("What is to be done?").fill("Improve the quota");
  await form.getByLabel("Contributing factor it answers").selectOption({ label: other });
  await form.getByRole("button", { name: "Add it" }).click();
  await page.getByRole("link", { name: "Improve the quota" }).first().waitFor();
  const second = await reviewed(page, "Uploads stop again", other);
  await page.goto(second);
  await page.getByRole("heading", { name: "Meant to keep this from coming back" }).waitFor();
  await page.locator("[id^=came-back-]").getByText("Improve the quota").waitFor();
  await look(page, "meant-to-prevent");
  await page.locator("[id^=came-back-] .findings a[href^='/action-items/']").first().click();
  await page.getByRole("heading", { name: "What it answers came back" }).waitFor();
  await page.getByText("“Improve” is never done").waitFor();
  await page.getByText("an owner: who sees to it?").waitFor();
  await look(page, "action-item-came-back");
  const item = page.url();
  // Removed from the document it came from, the factor is still what it answers.
  await page.goto(first);
  const remove = await open(page, "Remove");
  await remove.getByRole("button", { name: "Remove it" }).click();
  await page.getByRole("heading", { level: 3, name: other }).waitFor({ state: "detached" });
  await page.goto(item);
  await page.getByText("Answers “").getByRole("link", { name: other }).click();
  await page.getByText("whose document does not name it any more").waitFor();
  await look(page, "factor-answers");
  assert.deepEqual(problems, []);
  await context.close();
});

test("what was learned is offered where it may help", async () => {
  const { page, context, problems } = await here.mai();
  const first = await reviewed(page, "The disk of the ledger is full", unwarned);
  const [number] = first.match(/\d+(?=\/postmortem)/);
  const address = await openIncident(page, here.server.base, "The disk of the ledger is full again");
  await awake(page);
  const before = page.getByRole("region", { name: "Seen before" });
  await before.getByRole("link", { name: `INC-${number} The disk of the ledger is full` }).waitFor();
  await look(page, "seen-before");

  await answer(page, "Resolve", "Resolve it");
  await press(page, "Write the postmortem");
  await page.waitForURL("**/postmortem");
  const asked = page.getByRole("group", { name: "Which of these had a part?" });
  await asked.getByText(`INC-${number}, at this service`).waitFor();
  await look(page, "which-of-these");
  await asked.getByLabel(unwarned).check();
  await press(page, "Name what is chosen");
  await page.getByRole("heading", { level: 3, name: unwarned }).first().waitFor();
  assert.equal(await asked.count(), 0, "it is asked while nothing is named");
  await page.goto(address);
  assert.equal(await before.count(), 0, "it is over");
  assert.deepEqual(problems, []);
  await context.close();
});

test("a drill says so, and can be said to be none", async () => {
  const { page, context, problems } = await here.mai();
  await page.goto(`${here.server.base}/incidents/new`);
  await page.getByLabel("What is broken").fill("The second site takes over");
  await page.getByLabel("Checkout").check();
  await page.getByLabel("It is a drill or a test").check();
  await press(page, "Open and page");
  await page.waitForURL(/\/incidents\/\d+/);
  await page.locator("#head").getByText("Drill", { exact: true }).waitFor();
  await page.getByText("said that this is a drill or a test").waitFor();
  await look(page, "drill");
  const address = page.url();
  await page.goto(`${here.server.base}/incidents`);
  await page.locator("li", { hasText: "The second site takes over" }).getByText("Drill", { exact: true }).waitFor();
  await page.goto(address);
  await press(page, "It is no drill");
  await page.getByText("said that this is no drill").waitFor();
  await page.getByRole("button", { name: "It is a drill or a test" }).waitFor();
  assert.equal(await page.locator("#head").getByText("Drill", { exact: true }).count(), 0);
  assert.deepEqual(problems, []);
  await context.close();
});
