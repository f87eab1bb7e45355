// A lead on a Monday: triage in one form, cards moved by mouse, keys and form, and what worked is said by somebody else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { company } from "../company.mjs";
import { hasNoScript, look, press } from "../steps.mjs";

const here = company();

const administrator = (options) => here.comesAs("administrator", options);

const board = (team = "payments") => `${here.server.base}/teams/${team}/backlog`;
const column = (page, name) => page.locator(".board-column", { has: page.getByRole("heading", { name, exact: true }) });

test("proposed action items are decided in one form, with JavaScript off", async () => {
  const { page, context, problems } = await administrator({ javaScript: false });
  hasNoScript(page);
  for (const team of ["payments", "storefront", "platform"]) {
    await page.goto(`${board(team)}/triage`);
    if ((await page.locator(".triage-line").count()) > 0) break;
  }
  const lines = page.locator(".triage-line");
  const waiting = await lines.count();
  assert.ok(waiting > 0, "something is proposed in the demo");
  await look(page, "triage");
  const title = await lines.first().locator(".promise-title").textContent();
  await lines.first().getByLabel("Owner").selectOption({ index: 0 });
  await lines.first().getByLabel("By").fill("2099-01-02");
  await press(page, "Save what is decided");
  await lines.first().getByText("Say who will see to it.").waitFor();
  assert.equal(await lines.first().getByLabel("By").inputValue(), "2099-01-02", "what was typed is kept");
  await lines.first().getByLabel("Owner").selectOption({ index: 1 });
  await press(page, "Save what is decided");
  await page.getByText(title).waitFor({ state: "detached" });
  assert.equal(await lines.count(), waiting - 1);
  assert.deepEqual(problems, []);
  await context.close();
});

test("a card is moved by keys, by the mouse and by its form, and the filters stay", async () => {
  const { page, context, problems } = await administrator();
  await page.goto(`${board()}?priority=high`);
  await awake(page);
  await look(page, "board");
  const todo = column(page, "To do").locator(".board-card");
  const doing = column(page, "Doing").locator(".board-card");
  const id = await todo.first().getAttribute("id");
  await page.locator(".board").focus();
  await page.keyboard.press("j");
  assert.ok(await page.evaluate(() => document.activeElement.closest(".board-card") !== null), "the keys go to a card");
  await todo.first().locator(".promise-title").focus();
  await page.keyboard.press("m");
  await page.keyboard.press("d");
  await page.locator(`#${id}`).getByLabel("Column").selectOption({ label: "Doing" });
  await page.locator(`#${id}`).getByRole("button", { name: "Move", exact: true }).click();
  await doing.and(page.locator(`#${id}`)).waitFor();
  assert.match(page.url(), /priority=high#act-/, "one stays where one was");
  await page.locator(`#${id}`).dragTo(column(page, "Done"));
  await column(page, "Done").locator(`#${id}`).waitFor();
  await column(page, "Done").locator(`#${id}`).getByText("to be verified").waitFor();
  assert.deepEqual(problems, []);
  await context.close();
});

/** A team of the demo that has something proposed on its board. */
async function boardWithProposed(page) {
  for (const team of ["payments", "storefront", "platform"]) {
    await page.goto(board(team));
    if ((await page.getByLabel(/^Decide/).or(page.locator("summary", { hasText: "Decide" })).count()) > 0) return team;
  }
  throw new Error("something is proposed in the demo");
}

for (const javaScript of [true, false]) {
  test(`one card is decided about on the board, with JavaScript ${javaScript ? "on" : "off"}`, async () => {
    const { page, context, problems } = await administrator({ javaScript });
    if (!javaScript) hasNoScript(page);
    const team = await boardWithProposed(page);
    const card = page.locator(".board-card", { has: page.locator("summary", { hasText: "Decide" }) }).first();
    const id = await card.getAttribute("id");
    if (javaScript) {
      await awake(page);
      await page.locator(`#${id} .promise-title`).focus();
      await page.keyboard.press("t");
      assert.ok(await page.evaluate(() => document.activeElement.closest("form")?.action.endsWith("/triage")), "t opens it");
    } else {
      await page.locator(`#${id} summary`, { hasText: "Decide" }).click();
    }
    await look(page, `decide-${javaScript ? "live" : "plain"}`);
    const form = page.locator(`#${id} form[action$='/triage']`);
    await form.getByLabel("Owner").selectOption({ index: 0 });
    await form.getByLabel("By").fill("2099-01-02");
    await form.getByRole("button", { name: "Save the decision" }).click();
    // Refused, it stands on the card's own page with what was typed.
    await page.getByText("Say who will see to it.").waitFor();
    assert.equal(await page.getByLabel("By").first().inputValue(), "2099-01-02");
    await page.locator("#decide").getByLabel("Owner").selectOption({ index: 1 });
    await page.locator("#decide").getByLabel("Column").selectOption({ label: "Doing" });
    await look(page, "decide-again");
    await page.getByRole("button", { name: "Save the decision" }).click();
    await page.waitForURL(new RegExp(`/teams/${team}/backlog`));
    await column(page, "Doing").locator(`#${id}`).waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
}

test("cards lie in the order of keys and form, and columns where somebody puts them", async () => {
  const { page, context, problems } = await administrator();
  await page.goto(board());
  await awake(page);
  const names = () => page.locator(".board-column h2").allTextContents();
  const name = (await names()).find((one) => one === "Doing");
  const order = () => column(page, name).locator(".board-card").evaluateAll((cards) => cards.map((card) => card.id));
  const before = await order();
  assert.ok(before.length > 1, "two cards");
  await page.locator(`#${before[0]} .promise-title`).focus();
  await page.keyboard.press("Shift+J");
  await page.waitForFunction(([first]) => document.querySelector(`#${first}`)?.matches(":target"), before);
  assert.deepEqual((await order()).slice(0, 2), [before[1], before[0]]);
  await awake(page);
  const card = page.locator(`#${before[0]}`);
  await card.locator("summary", { hasText: "Move" }).click();
  await card.getByLabel("Place").selectOption("first");
  await card.getByRole("button", { name: "Move", exact: true }).click();
  await page.waitForFunction(
    ([first]) => document.querySelector(".board-column:has(#" + first + ") .board-card")?.id === first,
    before,
  );

  const open = async () => {
    await page.locator("summary", { hasText: "Change the columns" }).click();
    return page.locator("details[open]", { hasText: "Add the column" });
  };
  const added = await open();
  await added.getByLabel("New column").fill("Waits for a vendor");
  await added.getByRole("button", { name: "Add the column" }).click();
  await column(page, "Waits for a vendor").waitFor();
  await open();
  await look(page, "board-columns");
  await page.getByRole("button", { name: "Left: Waits for a vendor" }).click();
  await page.waitForFunction(() => [...document.querySelectorAll(".board-column h2")].at(-1)?.textContent !== "Waits for a vendor");
  const moved = await names();
  assert.equal(moved.indexOf("Waits for a vendor"), moved.length - 2);
  const again = await open();
  await again.locator(".column-row", { has: page.locator("input[value='Waits for a vendor']") }).locator("summary", { hasText: "Delete" }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await column(page, "Waits for a vendor").waitFor({ state: "detached" });
  assert.deepEqual(problems, []);
  await context.close();
});

test("documents that name no factor are gone through, a line each", async () => {
  const { page, context, problems } = await administrator({ javaScript: false });
  hasNoScript(page);
  await page.goto(`${here.server.base}/learning?days=365`);
  await page.getByRole("link", { name: "Go through them, a line each" }).click();
  await look(page, "without-factors");
  const fields = page.getByLabel(/^What had a part in INC-/);
  const all = await fields.count();
  assert.ok(all > 0, "there are such in the demo");
  await fields.first().fill("x".repeat(121));
  await press(page, "Save what is named");
  await page.locator(".field-error").waitFor();
  assert.equal((await fields.first().inputValue()).length, 121, "what was typed is kept");
  await fields.first().fill("A change that nobody could see before");
  await press(page, "Save what is named");
  await page.getByRole("heading", { level: 1, name: `Documents that name no factor: ${all - 1}` }).waitFor();
  assert.deepEqual(problems, []);
  await context.close();
});

test("somebody else than its owner says that it worked, and its story tells it", async () => {
  const { page, context, problems } = await administrator();
  await page.goto(board());
  const done = column(page, "Done").locator(".board-card", { hasText: "to be verified" }).first();
  await done.locator(".promise-title").click();
  await page.getByRole("heading", { name: "Did it work?" }).waitFor();
  await page.getByLabel("What shows it").selectOption("link");
  await page.getByLabel("Where, or in a few words").fill("The graph");
  await press(page, "It worked");
  await page.getByText("Put the address in").waitFor();
  await page.getByLabel("Where, or in a few words").fill("https://graphs.example.test/pool stays below half");
  await press(page, "It worked");
  await page.locator(".item-story").getByText("saw that it worked, by a link").waitFor();
  await page.getByLabel("Say something about it").fill("The drill is next week.");
  await press(page, "Add the comment");
  await page.locator(".item-story").getByText("The drill is next week.").waitFor();
  await look(page, "action-item");
  assert.deepEqual(problems, []);
  await context.close();
});

test("the figures are read on the page and as a file", async () => {
  const { page, context, problems } = await administrator();
  await page.goto(`${here.server.base}/learning?days=180`);
  for (const heading of ["Promises", "With and without", "Where it waits", "How long incidents took", "Week by week"]) {
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
  }
  await look(page, "learning");
  // Each number leads to what it counts: as many as it says.
  const numbers = await page.locator("main a[href^='/learning/behind/']").evaluateAll((links) =>
    links.map((link) => [link.getAttribute("href"), link.textContent]).filter(([, text]) => /^\d+$/.test(text)),
  );
  assert.ok(numbers.length > 10, `${numbers.length} numbers are links`);
  for (const [href, text] of numbers) {
    const answer = await page.request.get(`${here.server.base}${href}`);
    const [, counted] = (await answer.text()).match(/<h1>[^<]*: (\d+)(?:<!>)*<\/h1>/) ?? [];
    // The demo goes on meanwhile.
    assert.ok(counted >= Number(text) && counted - text < 5, `${href}: ${counted}, not ${text}`);
  }
  for (const way of ["By team", "By service", "By week"]) {
    await page.getByRole("navigation", { name: "Times told apart" }).getByRole("link", { name: way }).click();
    await page.getByRole("columnheader", { name: way === "By week" ? "Week from" : way.replace("By t", "T").replace("By s", "S") }).first().waitFor();
    const [href, text] = await page.locator("#times ~ div tbody tr:nth-child(2) a").first().evaluate((link) => [link.getAttribute("href"), link.textContent]);
    assert.match(await (await page.request.get(`${here.server.base}${href}`)).text(), new RegExp(`<h1>[^<]*: ${text}(<!>)*</h1>`), href);
    await look(page, `learning-${way.replace(" ", "-").toLowerCase()}`);
  }
  await page.locator("main a[href*='/due?']").click();
  await page.getByRole("heading", { level: 1, name: /^Due in the period: \d+$/ }).waitFor();
  await page.locator("main li a").first().waitFor();
  await look(page, "behind");
  await page.getByRole("link", { name: "What came back" }).click();
  await page.getByRole("heading", { level: 1, name: "What came back" }).waitFor();
  const file = await page.request.get(`${here.server.base}/learning.csv?days=180`);
  assert.equal(file.status(), 200);
  const columns = "part,what,number,incident,services,found,said\r\n";
  assert.match(await file.text(), new RegExp(`^${columns}period,from,[^]*times,"To resolve, known",\\d+,,,,\r\n`));
  assert.match(file.headers()["content-disposition"], /learning-[\d-]+-to-[\d-]+\.csv/);
  assert.deepEqual(problems, []);
  await context.close();
});
