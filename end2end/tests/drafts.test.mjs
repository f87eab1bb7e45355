// Nothing typed is lost: what somebody writes comes back, whatever happens to page, tab, session and server, and arrives once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { house } from "../house.mjs";
import { until } from "../kintsugi.mjs";
import { look, open, openIncident, press } from "../steps.mjs";

const here = house();

/** Mai at the page of a new incident, with a note begun. */
async function writing(title, text) {
  const person = await here.mai();
  const address = await openIncident(person.page, here.server.base, title);
  await awake(person.page);
  await note(person.page).fill(text);
  return { ...person, address };
}

const note = (page) => page.locator("form.write textarea");
const typed = (page, text) => page.waitForFunction((text) => document.querySelector("form.write textarea")?.value === text, text);
const drafts = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("kintsugi draft ")));
const written = (page, text) => page.locator("#timeline .written", { hasText: text });

async function logIn(page) {
  await page.getByLabel("E-mail address").fill("mai@example.test");
  await page.getByLabel("Password").fill("a bowl mended with gold");
  await press(page, "Log in");
}

test("a reload, another verb and a closed tab give back what was typed", async () => {
  const { page, context, address, problems } = await writing("Kept", "The pool is full, I think");
  await page.reload();
  await typed(page, "The pool is full, I think");
  await page.getByText("Kept from before, not sent yet.").waitFor();
  await look(page, "draft-kept");
  await press(page, "Acknowledge");
  await page.getByText("Nobody is incident commander yet.").waitFor();
  await typed(page, "The pool is full, I think");
  await page.close();
  const later = await context.newPage();
  await later.goto(address);
  await typed(later, "The pool is full, I think");
  await press(later, "Throw it away");
  await typed(later, "");
  assert.deepEqual(await drafts(later), []);
  assert.deepEqual(problems, []);
  await context.close();
});

test("one form of several is sent, and the others keep their texts", async () => {
  const { page, context } = await writing("Several forms", "half a note");
  const title = await open(page, "Change the title");
  await title.getByLabel("Title").fill("Several forms, one sent");
  await title.getByRole("button", { name: "Save the title" }).click();
  await page.getByRole("heading", { name: "Several forms, one sent" }).waitFor();
  await typed(page, "half a note");
  await context.close();
});

test("a field that is alone in its form is kept as well, each for itself", async () => {
  const { page, context, address, problems } = await writing("Alone", "");
  const task = await open(page, "Add a task");
  await task.getByLabel("What is to be done?").fill("Call the data centre");
  const title = await open(page, "Change the title");
  await title.getByLabel("Title").fill("Alone in its form");
  // These two are sent to one address.
  const link = await open(page, "Link an incident");
  await link.getByLabel("The other incident").fill("INC-1");
  assert.equal((await drafts(page)).length, 3);
  await page.reload();
  await page.waitForFunction(() => document.querySelector("#field-new-title")?.value === "Alone in its form");
  assert.equal(await page.locator("#field-task").inputValue(), "Call the data centre");
  assert.equal(await page.locator("#field-link-other").inputValue(), "INC-1");
  assert.equal(await page.locator("#field-duplicate-of").inputValue(), "");
  assert.ok(await page.locator("#field-task").isVisible(), "what is folded away is opened");
  await page.locator("#add-task").getByRole("button", { name: "Add it" }).click();
  await page.locator("#tasks").getByText("Call the data centre").waitFor();
  assert.equal(await page.locator("#field-task").inputValue(), "");
  assert.equal((await drafts(page)).length, 2, "what arrived is kept no longer");
  await page.goto(address);
  assert.equal(await page.locator("#field-new-title").inputValue(), "Alone in its form");
  assert.deepEqual(problems, []);
  await context.close();
});

test("whoever has typed nothing leaves without being asked, whatever the page shows", async () => {
  const { page, context, problems } = await here.mai();
  await openIncident(page, here.server.base, "Nothing typed");
  await awake(page);
  // A field that is looked at and left, as times are that stand there already.
  await page.locator("summary", { hasText: "Correct a time" }).first().click();
  await page.locator("input[type=datetime-local]").first().focus();
  page.on("dialog", (dialog) => assert.fail(dialog.message()));
  await page.locator("#timeline .entry-link").first().click();
  await page.waitForURL(/\/entries\/\d+$/);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("kintsugi draft"))), []);
  assert.deepEqual(problems, []);
  await context.close();
});

test("whoever leaves with unsent text is asked", async () => {
  const { page, context } = await writing("Asked", "not sent");
  const asked = page.waitForEvent("dialog");
  const going = page.getByRole("link", { name: "Postmortems" }).click({ noWaitAfter: true });
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  await going;
  assert.equal(await note(page).inputValue(), "not sent");
  await context.close();
});

test("log-out takes the drafts away", async () => {
  const { page, context, address } = await writing("Shared computer", "for my eyes");
  assert.equal((await drafts(page)).length, 1);
  await page.locator(".menu summary").click();
  page.once("dialog", (dialog) => dialog.dismiss());
  await press(page, "Log out");
  assert.equal((await drafts(page)).length, 1, "whoever stays keeps it");
  page.once("dialog", (dialog) => dialog.accept());
  await press(page, "Log out");
  await page.waitForURL("**/login*");
  assert.deepEqual(await drafts(page), []);
  await logIn(page);
  await page.waitForURL(`${here.server.base}/`);
  here.cookies = await context.cookies();
  await page.goto(address);
  await typed(page, "");
  await context.close();
});

test("a session that ended leads back to the page, and the text is there", async () => {
  const { page, context, address } = await writing("Ended", "written before the session ended");
  await context.clearCookies();
  await press(page, "Add note");
  await page.waitForURL("**/login?next=*");
  await logIn(page);
  await page.waitForURL(address);
  await typed(page, "written before the session ended");
  here.cookies = await context.cookies();

  // A form that the browser sends itself comes back as well.
  const title = await open(page, "Change the title");
  await title.getByLabel("Title").fill("A title of a later session");
  await context.clearCookies();
  await title.getByRole("button", { name: "Save the title" }).click();
  await page.waitForURL("**/login?next=*");
  await logIn(page);
  await page.waitForURL(address);
  here.cookies = await context.cookies();
  await typed(page, "written before the session ended");
  await context.close();
});

test("while the server is away a note waits, and arrives once when it is back", async () => {
  const { page, context } = await writing("Away", "sent into the dark");
  await here.server.goAway();
  await press(page, "Add note");
  await page.getByText("Not sent yet: the server does not answer.").waitFor();
  // A second press, by the keyboard.
  await note(page).press("Control+Enter");
  assert.equal((await drafts(page)).length, 1, "it is kept meanwhile");
  await here.server.comeBack();
  await written(page, "sent into the dark").waitFor();
  await typed(page, "");
  assert.deepEqual(await drafts(page), []);
  await page.reload();
  assert.equal(await written(page, "sent into the dark").count(), 1);
  await context.close();
});

test("an answer that was lost makes no second note, nor does the way back", async () => {
  const { page, context, address } = await writing("Once", "once is enough");
  let lost = 0;
  await page.route("**/notes", async (route) => {
    if (lost > 0) return route.continue();
    lost += 1;
    await route.fetch({ maxRedirects: 0 });
    await route.abort();
  });
  await press(page, "Add note");
  await until(() => lost === 1, "the first answer is lost");
  await page.getByText("Sent.", { exact: true }).waitFor();
  await written(page, "once is enough").waitFor();
  await page.goto(`${here.server.base}/postmortems`);
  await page.goBack();
  await typed(page, "");
  await page.goto(address);
  assert.equal(await written(page, "once is enough").count(), 1);

  // The next one is another one.
  await awake(page);
  await note(page).fill("once is enough");
  await page.keyboard.press("Control+Enter");
  await until(async () => (await written(page, "once is enough").count()) === 2, "the second note");
  await context.close();
});
