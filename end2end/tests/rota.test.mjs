// A schedule is changed in its editor, and looked at in the calendar: with JavaScript and without, at home and on a phone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { house } from "../house.mjs";
import { hasNoScript, look, press } from "../steps.mjs";

const here = house();
const kinds = { "at home": {}, "on a phone": { width: 390, height: 844, isMobile: true, hasTouch: true } };

async function editor(page) {
  await page.goto(`${here.server.base}/settings/schedules`);
  await page.locator(".settings-rows a").first().click();
  await page.getByRole("link", { name: "Change the schedule" }).click();
  await page.locator("#rota").waitFor();
}

for (const [where, options] of Object.entries(kinds)) {
  for (const javaScript of [true, false]) {
    const how = javaScript ? where : `${where}, without JavaScript`;
    test(`a turn of nobody is added, seen as a gap, and saved from now on, ${how}`, async () => {
      const { page, context, problems } = await here.mai({ ...options, javaScript });
      if (!javaScript) hasNoScript(page);
      await editor(page);
      if (javaScript) await awake(page);
      await page.getByText("Nothing differs from the schedule that holds today.").waitFor();
      await page.getByLabel("Now", { exact: true }).check();
      const turns = page.locator(".rota-turns > li");
      const before = await turns.count();
      await page.getByLabel("Add by name").fill("nobody");
      if (javaScript) {
        // As one types, and nothing is added yet.
        await page.locator("#rota-preview li.late").first().waitFor();
        assert.equal(await turns.count(), before);
      }
      await page.locator("#rota").getByRole("button", { name: "Add to Layer 1" }).click();
      await turns.nth(before).waitFor();
      assert.match(await turns.nth(before).textContent(), /nobody/);
      await page.locator("#rota-preview li.late").first().waitFor();
      await page.getByText("Whose turns change").first().waitFor();
      await look(page, `rota-editor-${javaScript ? "" : "plain-"}${where.replaceAll(" ", "-")}`);
      // Moved to the front and taken out again, by the keys of whoever has no mouse.
      await page.getByRole("button", { name: "Up nobody" }).focus();
      await page.keyboard.press("Enter");
      await turns.first().filter({ hasText: "nobody" }).waitFor();
      await page.getByRole("button", { name: "Remove nobody" }).click();
      await turns.nth(before).waitFor({ state: "detached" });
      await page.getByText("Nothing differs from the schedule that holds today.").waitFor();
      await page.getByLabel("Name", { exact: true }).fill(`Rota ${how}`);
      await press(page, "Save");
      await page.getByText("Saved.").waitFor();
      await page.getByRole("heading", { name: `Rota ${how}` }).waitFor();
      assert.deepEqual(problems, []);
      await context.close();
    });
  }
}

test("the calendar goes forward and back, and a turn says what can be done about it", async () => {
  const { page, context, problems } = await here.mai();
  await page.goto(`${here.server.base}/on-call/calendar?by=month`);
  await page.locator(".calendar-turn.mine").first().waitFor();
  await look(page, "calendar");
  const month = await page.locator("h2").first().textContent();
  await page.getByRole("link", { name: "Later" }).click();
  assert.notEqual(await page.locator("h2").first().textContent(), month);
  await page.getByRole("link", { name: "Earlier" }).click();
  assert.equal(await page.locator("h2").first().textContent(), month);
  await page.getByRole("link", { name: "By week" }).click();
  await look(page, "calendar-week");
  // The week that it is.
  await page.goto(`${here.server.base}/on-call/calendar`);
  await page.locator(".calendar-turn.mine a").last().click();
  await page.getByText("Cover me").first().click();
  await look(page, "turn");
  await page.goto(`${here.server.base}/on-call/calendars`);
  await press(page, "Make the address");
  const address = await page.locator("pre.paste").textContent();
  const feed = await page.request.get(address);
  assert.match(await feed.text(), /BEGIN:VCALENDAR/);
  await look(page, "calendars");
  assert.deepEqual(problems, []);
  await context.close();
});

for (const javaScript of [true, false]) {
  test(`turns are pasted as a table, shown first, and taken back${javaScript ? "" : ", without JavaScript"}`, async () => {
    const { page, context, problems } = await here.mai({ ...kinds["on a phone"], javaScript });
    if (!javaScript) hasNoScript(page);
    await page.goto(`${here.server.base}/settings/schedules`);
    await page.locator(".settings-rows a").first().click();
    await page.getByRole("link", { name: "Paste a table of turns" }).click();
    const table = page.getByRole("textbox", { name: "Table" });
    const day = new Date(Date.now() + 40 * 864e5).toISOString().slice(0, 10);
    await table.fill(`Who;From;To\nMay Lint;${day} 06:00;14:00\nmai;${day} 14:00;8h`);
    await press(page, "Show what it says");
    await page.getByText("Nobody here is called “May Lint”. Is it Mai Lind?").waitFor();
    assert.equal(await page.getByRole("button", { name: /^Arrange/ }).count(), 0);
    await look(page, `pasted-${javaScript ? "" : "plain-"}at-fault`);
    await table.fill((await table.inputValue()).replace("May Lint", "Mai Lind"));
    await press(page, "Show what it says");
    await page.getByText("Hours of each: Mai Lind 16 h.").waitFor();
    await look(page, `pasted-${javaScript ? "" : "plain-"}said`);
    await press(page, "Arrange these 2 turns");
    const turns = page.locator("#overrides li", { hasText: "2 turns of a pasted table" });
    await turns.locator("summary", { hasText: "Cancel them" }).click();
    await turns.locator("button:not([aria-disabled])", { hasText: "Cancel them" }).click();
    await turns.waitFor({ state: "detached" });
    assert.deepEqual(problems, []);
    await context.close();
  });
}

test("what is typed and pressed while the editor is being drawn is kept, and a server that is away says so", async () => {
  const { page, context, problems } = await here.mai();
  await editor(page);
  await awake(page);
  const draws = "**/edit/preview";
  let answered = 0;
  const slowly = async (route) => {
    await new Promise((passed) => setTimeout(passed, 1500));
    answered += 1;
    await route.continue();
  };
  await page.route(draws, slowly);
  await page.getByRole("button", { name: "Add another layer" }).click();
  // While that is on its way somebody types on, adds what they typed, and names the schedule.
  await page.getByLabel("Add by name").first().fill("nobody");
  await page.getByRole("button", { name: "Add to Layer 1" }).click();
  await page.getByLabel("Name", { exact: true }).fill("A name in a hurry");
  await page.getByRole("button", { name: "Remove nobody" }).waitFor();
  await page.getByText("Layer 2").first().waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "A name in a hurry");
  await page.unroute(draws, slowly);
  assert.ok(answered >= 2);
  // As one types only what it comes to is asked for; where the server is away, it says so until it is back.
  const asks = "**/ask/schedule-preview";
  await page.route(asks, (route) => route.abort());
  await page.getByLabel("Add by name").first().fill("nobody");
  await page.getByText("This cannot be shown anew just now.").waitFor();
  await page.unroute(asks);
  await page.getByLabel("Add by name").first().fill("");
  await page.getByText("This cannot be shown anew just now.").waitFor({ state: "detached" });
  await page.route(draws, (route) => (route.request().isNavigationRequest() ? route.continue() : route.abort()));
  await page.getByRole("button", { name: "Remove nobody" }).click();
  // The browser asks in its own way, and the server answers.
  await page.waitForURL(draws);
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "A name in a hurry");
  assert.equal(await page.getByRole("button", { name: "Remove nobody" }).count(), 0);
  assert.deepEqual(problems.filter((problem) => !/Failed to fetch|ERR_FAILED/.test(String(problem))), []);
  await context.close();
});
