// Somebody who begins: five people, a first and a second line, business hours, following the sun, an override, a swap and two weeks of
// holidays, on a phone, in far less than ten minutes of what people type.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "../browser.mjs";
import { kintsugi } from "../kintsugi.mjs";
import { linkIn, mailServer } from "../mailserver.mjs";
import { hasNoScript, look, press, setUpHouse } from "../steps.mjs";

const phone = { width: 390, height: 844, isMobile: true, hasTouch: true };
const day = (ahead) => new Date(Date.now() + ahead * 864e5).toISOString().slice(0, 10);

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Makes a schedule of Payments from a pattern, with everybody who is in the team, and answers with its address. */
async function schedule(page, base, { name, pattern, first }) {
  await page.goto(`${base}/settings/schedules`);
  await page.getByRole("link", { name: "Make a schedule" }).first().click();
  await page.getByLabel("Team", { exact: true }).selectOption({ label: "Payments" });
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Begin with a pattern").selectOption({ label: pattern });
  await press(page, "Use the pattern");
  for (const person of ["Bo Berg", "Cy Ruiz", "Dee Ott", "Eli Tal"]) await add(page, person);
  if (first) await page.getByRole("button", { name: `Up ${first}` }).first().click();
  await look(page, `newcomer-${name.toLowerCase().replaceAll(" ", "-")}`);
  await press(page, "Make the schedule");
  await page.getByRole("heading", { level: 1, name }).waitFor();
  return page.url().replace(/[?#].*/, "");
}

async function add(page, person) {
  const turns = page.locator(".rota-turns").first().locator("li");
  const before = await turns.count();
  if (await turns.filter({ hasText: person }).count()) return;
  await page.getByLabel("Add by name").first().fill(person);
  await page.getByRole("button", { name: "Add to Layer 1" }).click();
  await turns.nth(before).waitFor();
}

for (const javaScript of [true, false]) {
  test(`a team moves in, on a phone${javaScript ? "" : ", without JavaScript"}`, async (t) => {
    const mail = await mailServer();
    t.after(() => mail.stop());
    const server = await kintsugi({ smtpUrl: mail.url });
    t.after(() => server.stop());
    const { base } = server;
    const { page, context, problems } = await visitor(browser, { ...phone, javaScript });
    if (!javaScript) hasNoScript(page);
    const began = Date.now();
    await setUpHouse(page, base);
    await page.goto(`${base}/settings/people`);
    await page.getByText("Invite several").click();
    await page.getByLabel("Their addresses").fill("Bo Berg <bo@example.test>\nCy Ruiz <cy@example.test>\nDee Ott <dee@example.test>\nEli Tal <eli@example.test>");
    await page.locator("#several").getByLabel("Team").selectOption({ label: "Payments" });
    await press(page, "Send the invitations");
    await page.getByRole("cell", { name: "eli@example.test" }).waitFor();

    const primary = await schedule(page, base, { name: "First line", pattern: "Weekly: a week each, in turn" });
    await schedule(page, base, { name: "Second line", pattern: "Weekly: a week each, in turn", first: "Bo Berg" });
    await schedule(page, base, { name: "By day", pattern: "Business hours: nobody at night and at weekends" });
    await schedule(page, base, { name: "Around the world", pattern: "Follow the sun: three parts of the day" });

    await page.goto(`${base}/settings/policies`);
    await page.locator(".settings-rows a").first().click();
    await page.locator("#step-0-target-0").selectOption({ label: "On call: First line" });
    await page.locator("#step-1-target-0").selectOption({ label: "On call: Second line" });
    await press(page, "Save");
    await page.getByText("who is on call for Second line").first().waitFor();
    await look(page, "newcomer-policy");

    await page.goto(`${primary}#overrides`);
    const overrides = page.locator("#overrides");
    await overrides.getByLabel("Who has the pager").selectOption({ label: "Eli Tal" });
    await overrides.getByLabel("From").fill(`${day(1)}T18:00`);
    await overrides.getByLabel("To", { exact: true }).fill(`${day(1)}T22:00`);
    await press(page, "Arrange the override");
    await overrides.locator("li", { hasText: "Eli Tal" }).waitFor();

    await page.goto(`${base}/on-call/calendar?by=month&schedule=${primary.split("/").pop()}&day=${day(35)}`);
    await page.locator(".calendar-turn.mine a").last().click();
    await page.locator("summary", { hasText: "Swap" }).first().click();
    const turn = page.getByLabel("For the turn of");
    await turn.selectOption({ label: await turn.locator("option", { hasText: "Bo Berg" }).first().textContent() });
    await press(page, "Ask to swap");
    await page.getByText("asks to swap a turn").waitFor();
    const asked = await mail.waitFor("bo@example.test", /asks to swap/);
    const them = await visitor(browser, { ...phone, javaScript });
    await them.page.goto(linkIn(asked, "/on-call/offers/"));
    await press(them.page, "I take it");
    await them.page.getByText("The turn is yours.").waitFor();
    await them.context.close();

    await page.goto(`${base}/on-call/away`);
    await page.getByLabel("Away from").fill(`${day(50)}T00:00`);
    await page.getByLabel("to", { exact: true }).fill(`${day(92)}T00:00`);
    await press(page, "Ask for each turn");
    await page.locator("section", { hasText: "Asked for, and not taken yet" }).getByRole("link").first().waitFor();
    await look(page, "newcomer-away");
    assert.deepEqual(problems, []);
    assert.ok(Date.now() - began < 600_000);
    await context.close();
  });
}
