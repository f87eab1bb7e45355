// Nobody answers whom an incident is handed over to: it stays where it is, and then the policy starts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { company } from "../company.mjs";
import { open, press } from "../steps.mjs";

const here = company();

const commander = (page) => page.locator("#people .role").first();

async function handOver(page, to) {
  const dialog = await open(page, "Hand over");
  await dialog.getByLabel("Whom").selectOption({ label: to });
  await dialog.getByLabel("Why").fill("I have to sleep");
  await dialog.getByRole("button", { name: "Ask them" }).click();
  await page.locator("#handover").getByText(`${to} is asked to take it over.`).waitFor();
}

/** The first step of the policy waits for a minute only: so long is waited for whoever is asked. */
async function waitsForAMinute(page) {
  await page.goto(`${here.server.base}/settings/policies`);
  await page.getByRole("link", { name: /^Payments: who is on call/ }).click();
  await page.locator("#step-0-delay").fill("1");
  await press(page, "Save");
  await page.locator("#step-0-delay").waitFor();
}

/** Both in the room of a new incident, which Ana leads. */
async function inTheRoom(title) {
  const [ana, bo] = [await here.comesAs("administrator"), await here.comesAs("responder")];
  await waitsForAMinute(ana.page);
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

test("an incident that nobody takes over stays until the policy starts", { timeout: 200_000 }, async () => {
  const { ana, bo } = await inTheRoom("Nobody answers");
  await handOver(ana.page, bo.name);
  await bo.page.locator("#handover").getByRole("button", { name: "Take it over" }).waitFor();
  assert.ok((await commander(bo.page).textContent()).includes(ana.name), "it stays meanwhile");
  // Nobody has less than two minutes to answer.
  await ana.page.locator("#timeline").getByText("Nobody took it over").waitFor({ timeout: 150_000 });
  await ana.page.locator("#next").getByRole("button", { name: "Acknowledge" }).waitFor();
  assert.equal(await bo.page.locator("#handover").getByRole("button").count(), 0);
  assert.deepEqual([...ana.problems, ...bo.problems], []);
  await Promise.all([ana.context.close(), bo.context.close()]);
});
