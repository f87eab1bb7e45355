// Nothing by accident: the buttons of an incident under a hasty finger, at home and on a phone, with JavaScript and without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { house } from "../house.mjs";
import { answer, hasNoScript, look, open, openIncident, press } from "../steps.mjs";

const here = house();

/** A new incident's page, and where its primary button is. Opened by hand, it rests for a moment, too. */
async function incident(page, title) {
  const address = await openIncident(page, here.server.base, title);
  const button = page.locator("#next .button.primary");
  await button.click({ trial: true });
  const { x, y, width, height } = await button.boundingBox();
  return { address, place: [x + width / 2, y + height / 2] };
}

const kinds = { "at home": {}, "on a phone": { width: 390, height: 844, isMobile: true, hasTouch: true } };

/** A finger does not wait for a page to come, as a locator's click would. */
async function taps(page, [x, y], { count, every }) {
  const tap = () => (page.touchscreen && page.viewportSize().width < 500 ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
  for (let number = 0; number < count; number += 1) {
    if (number > 0) await page.waitForTimeout(every);
    await tap();
  }
  await page.waitForLoadState();
}

const told = (page) => page.locator("#timeline .entry-what").allTextContents();

for (const [where, options] of Object.entries(kinds)) {
  for (const javaScript of [true, false]) {
    const how = javaScript ? where : `${where}, without JavaScript`;
    test(`six taps 600 ms apart only acknowledge, ${how}`, async () => {
      const { page, context, problems } = await here.mai({ ...options, javaScript });
      const { address, place } = await incident(page, `Six taps ${how}`);
      if (javaScript) await awake(page);
      await taps(page, place, { count: 6, every: 600 });
      await page.goto(address);
      const entries = (await told(page)).join("\n");
      assert.match(entries, /Mai Lind acknowledged/);
      assert.doesNotMatch(entries, /commander|mitigated|resolved|postmortem/, entries);
      assert.deepEqual(problems, []);
      await context.close();
    });

    test(`a double tap only acknowledges, ${how}`, async () => {
      const { page, context } = await here.mai({ ...options, javaScript });
      const { address, place } = await incident(page, `Double tap ${how}`);
      if (javaScript) await awake(page);
      await taps(page, place, { count: 2, every: 120 });
      await page.locator("#next").getByText("Nobody is incident commander yet.").waitFor();
      await page.goto(address);
      assert.doesNotMatch((await told(page)).join("\n"), /commander/);
      // Whoever reads the next button and presses it is heard at once.
      await press(page, "Take command");
      await page.getByText("Being worked on.").waitFor();
      await context.close();
    });
  }
}

for (const javaScript of [true, false]) {
  test(`taps in a row tick a task and leave it ticked${javaScript ? "" : ", without JavaScript"}`, async () => {
    const { page, context, problems } = await here.mai({ javaScript });
    const { address } = await incident(page, `Ticked${javaScript ? "" : " without a script"}`);
    await open(page, "Add a task");
    await page.getByLabel("What is to be done?").fill("Call the data centre");
    await press(page, "Add it");
    const tick = page.getByRole("button", { name: "Done: Call the data centre" });
    await tick.waitFor();
    if (javaScript) await awake(page);
    await tick.click({ trial: true });
    const { x, y, width, height } = await tick.boundingBox();
    await taps(page, [x + width / 2, y + height / 2], { count: 4, every: 300 });
    await page.goto(address);
    const untick = page.locator("#tasks").getByRole("button", { name: "Not done yet: Call the data centre" });
    await untick.waitFor();
    await untick.click();
    await tick.waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
}

test("a live update under the finger does nothing, and the keyboard keeps its place", async () => {
  const { page, context, problems } = await here.mai();
  const { address, place } = await incident(page, "Under the finger");
  await page.clock.install();
  await page.reload();
  await page.waitForSelector(".live-state[data-state=live]");
  await page.clock.runFor(1_000);
  await page.locator("#next .button.primary").focus();
  // No second passes in the browser from here on, however slow this machine is.
  await page.clock.pauseAt(Date.now() + 5_000);
  const acknowledged = await context.request.post(`${address}/acknowledgement`, { headers: { origin: here.server.base } });
  assert.equal(acknowledged.status(), 200);
  const next = page.locator("#next").getByRole("button", { name: "Take command" });
  await next.waitFor();
  assert.equal(await next.getAttribute("aria-disabled"), "true");
  assert.equal(await next.evaluate((button) => button === document.activeElement), true);
  await page.mouse.click(...place);
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).pathname, new URL(address).pathname);
  // Each press starts the second anew.
  await page.clock.runFor(600);
  await page.mouse.click(...place);
  await page.clock.runFor(600);
  assert.equal(await next.getAttribute("aria-disabled"), "true");
  await page.clock.runFor(500);
  assert.equal(await next.getAttribute("aria-disabled"), null);
  await page.clock.resume();
  assert.doesNotMatch((await told(page)).join("\n"), /commander/);
  await page.keyboard.press("Enter");
  await page.getByText("Being worked on.").waitFor();

  // A note changes no button, so none rests for it.
  await page.waitForSelector(".live-state[data-state=live]");
  await page.locator("#next .button.primary").click({ trial: true });
  await context.request.post(`${address}/notes`, { form: { text: "Just a note" }, headers: { origin: here.server.base } });
  await page.locator("#timeline").getByText("Just a note").waitFor();
  assert.equal(await page.locator("#next .button.primary").getAttribute("aria-disabled"), null);
  assert.deepEqual(problems, []);
  await context.close();
});

for (const javaScript of [true, false]) {
  test(`what ends something asks, and the second tap does not answer${javaScript ? "" : ", without JavaScript"}`, async () => {
    const { page, context, problems } = await here.mai({ ...kinds["on a phone"], javaScript });
    if (!javaScript) hasNoScript(page);
    const { address } = await incident(page, "The end is asked for");
    await press(page, "Acknowledge");
    await press(page, "Take command");
    await press(page, "Mark mitigated");
    const resolve = page.locator("#next summary:not([aria-disabled])", { hasText: "Resolve" });
    if (javaScript) {
      const rests = await resolve.evaluate((summary) => {
        summary.click();
        return summary.parentElement.querySelector(".buttons > .button").getAttribute("aria-disabled");
      });
      assert.equal(rests, "true", "it rests from the press on, not from when the browser tells of the toggle");
    } else await resolve.click();
    const resolveIt = page.locator("#next").getByRole("button", { name: "Resolve it" });
    const { x, y, width, height } = await resolveIt.boundingBox();
    await taps(page, [x + width / 2, y + height / 2], { count: 3, every: 300 });
    await look(page, `resolve-asks${javaScript ? "" : "-without-javascript"}`);
    assert.equal(new URL(page.url()).pathname, new URL(address).pathname);
    if (!(await resolveIt.isVisible())) await resolve.click();
    await resolveIt.click();
    await page.getByText("It is over.").waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
}

for (const javaScript of [true, false]) {
  test(`what was said too early is taken back, and says why${javaScript ? "" : ", without JavaScript"}`, async () => {
    const { page, context, problems } = await here.mai({ javaScript });
    if (!javaScript) hasNoScript(page);
    const { address } = await incident(page, "Said too early");
    await press(page, "Acknowledge");
    await press(page, "Mark mitigated");
    await press(page, "Not mitigated");
    await page.getByText("took “mitigated” back").waitFor();
    assert.equal(await page.locator("#head").getByText("Acknowledged").count(), 1);
    await answer(page, "Resolve", "Resolve it");
    await page.getByText("It is over.").waitFor();
    const reopen = page.locator("#actions summary:not([aria-disabled])", { hasText: "Reopen" });
    await reopen.click();
    const question = page.locator("#actions details.asks[open]");
    await question.getByLabel("What is seen").fill("Cards are refused again");
    await question.getByLabel("Page whoever is on call").uncheck();
    await look(page, `reopen-asks${javaScript ? "" : "-without-javascript"}`);
    await question.locator("button:not([aria-disabled])", { hasText: "Reopen it" }).click();
    await page.locator("#timeline").getByText(/reopened it: Cards are refused again \(before: resolved .*, Mai Lind had it\)/).waitFor();
    assert.equal(await page.locator("#facts").getByText("Mai Lind").count(), 1, "who had it still has it");
    assert.equal(new URL(page.url()).pathname, new URL(address).pathname);
    assert.deepEqual(problems, []);
    await context.close();
  });
}

for (const [where, options] of Object.entries(kinds)) {
  test(`the keyboard comes to what is next before all else, ${where}`, async () => {
    const { page, context, problems } = await here.mai(options);
    const { address } = await incident(page, `By keys, ${where}`);
    const tab = async (times) => {
      for (let number = 0; number < times; number += 1) await page.keyboard.press("Tab");
      return page.evaluate(() => document.activeElement.textContent.trim());
    };
    const skips = async (link) => {
      await page.goto(page.url().replace(/#.*/, ""));
      await awake(page);
      for (let number = 1; (await tab(1)) !== link; number += 1) assert.ok(number < 3, link);
      await page.keyboard.press("Enter");
      return tab(1);
    };
    await page.goto(address);
    for (const verb of ["Acknowledge", "Take command", "Mark mitigated", "Resolve"]) {
      assert.equal(await skips("Skip to the page"), verb);
      const focused = page.locator("#next .primary:focus");
      await focused.waitFor();
      if (verb === "Resolve") break;
      await focused.and(page.locator(":not([aria-disabled])")).waitFor();
      await page.keyboard.press("Enter");
      await page.locator("#next .primary", { hasText: verb }).waitFor({ state: "detached" });
    }
    await page.goto(address);
    await answer(page, "Resolve", "Resolve it");
    await page.getByText("It is over.").waitFor();
    assert.equal(await skips("Skip to the page"), "Write the postmortem");

    await press(page, "Write the postmortem");
    await page.waitForURL("**/postmortem");
    assert.equal(await skips("Skip to what is next"), "Send to review");
    assert.deepEqual(problems, []);
    await context.close();
  });
}
