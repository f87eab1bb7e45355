// Nobody answers whom an incident is handed over to: it stays where it is, and then the policy starts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { company } from "../company.mjs";
import { commander, handOver, inTheRoom } from "../room.mjs";
import { press } from "../steps.mjs";

const here = company();

/** The first step of the policy waits for a minute only: so long is waited for whoever is asked. */
async function waitsForAMinute(page) {
  await page.goto(`${here.server.base}/settings/policies`);
  await page.getByRole("link", { name: /^Payments: who is on call/ }).click();
  await page.locator("#step-0-delay").fill("1");
  await press(page, "Save");
  await page.locator("#step-0-delay").waitFor();
}

test("an incident that nobody takes over stays until the policy starts", { timeout: 200_000 }, async () => {
  const { ana, bo } = await inTheRoom(here, "Nobody answers", waitsForAMinute);
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
