// A responder at 3 am: a phone, dark, a line of 600 ms, and a server that is killed in the middle; with JavaScript and without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { house } from "../house.mjs";
import { until } from "../kintsugi.mjs";
import { answer, hasNoScript, look, openIncident, press } from "../steps.mjs";

const here = house();
const phone = { width: 390, height: 844, hasTouch: true, colorScheme: "dark" };

/** A line on which everything takes so long. */
async function slow(page, context) {
  const line = await context.newCDPSession(page);
  await line.send("Network.enable");
  const conditions = { offline: false, latency: 600, downloadThroughput: 200_000, uploadThroughput: 100_000 };
  await line.send("Network.emulateNetworkConditions", conditions);
}

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";

  test(`from the page to the end on a phone, on a slow line, over a server that is killed${how}`, { timeout: 240_000 }, async () => {
    const opener = await here.mai();
    const address = await openIncident(opener.page, here.server.base, `Nothing is paid${how}`);
    await opener.context.close();
    const { page, context, problems } = await here.mai({ javaScript, ...phone });
    if (!javaScript) hasNoScript(page);
    await slow(page, context);
    await page.goto(address);
    if (javaScript) await awake(page);

    // Six impatient taps, 600 ms apart, acknowledge and nothing else.
    const verb = page.locator("#next .button").first();
    await page.waitForTimeout(1200);
    for (let tap = 0; tap < 6; tap += 1) {
      await verb.tap({ noWaitAfter: true, force: true }).catch(() => {});
      await page.waitForTimeout(600);
    }
    await page.waitForLoadState();
    await page.goto(address);
    await page.locator("#head").getByText("Acknowledged").waitFor();
    assert.equal(await page.locator("#head").getByText("Resolved").count(), 0);

    // A note on its way while the server dies.
    const field = page.getByLabel("Write into the timeline");
    await field.fill("The gateway answers nothing");
    await here.server.goAway();
    await press(page, "Add note").catch(() => {});
    if (javaScript) {
      await page.getByText("Not sent yet: the server does not answer.").waitFor({ timeout: 30_000 });
      assert.equal(await field.inputValue(), "The gateway answers nothing", "it is kept");
      await here.server.comeBack();
    } else {
      // The browser shows a page of its own; whoever reads that writes once more.
      await page.waitForURL(/^chrome-error:/).catch(() => {});
      await here.server.comeBack();
      await page.goto(address);
      await field.fill("The gateway answers nothing");
      await press(page, "Add note");
    }
    const note = page.locator("#timeline .written", { hasText: "The gateway answers nothing" });
    await note.first().waitFor({ timeout: 60_000 });
    await page.goto(address);
    await until(async () => (await note.count()) === 1, "once");
    await look(page, `responder${javaScript ? "" : "-plain"}`);

    // To the end, each verb asked for by its name.
    // A tap waits until its button does not rest any more.
    await page.locator("#next").getByRole("button", { name: "Take command" }).tap();
    await page.locator("#people").getByText("Mai Lind").first().waitFor();
    await page.locator("#next").getByRole("button", { name: "Mark mitigated" }).tap();
    await page.locator("#head").getByText("Mitigated", { exact: true }).waitFor();
    await answer(page, "Resolve", "Resolve it");
    await page.locator("#head").getByText("Resolved", { exact: true }).waitFor();
    assert.deepEqual(problems.filter((problem) => !/ERR_|Failed to load/.test(problem)), []);
    await context.close();
  });
}
