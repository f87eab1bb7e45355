// What stands on every page, by the keyboard alone: finding anything, shortcuts, where the focus goes, and the theme.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, awake } from "../browser.mjs";
import { house } from "../house.mjs";
import { until } from "../kintsugi.mjs";
import { hasNoScript, look, openIncident, press } from "../steps.mjs";

const here = house(async (page, base) => {
  for (const title of ["Checkout is slow in Lisbon", "The warehouse printer prints twice"]) {
    await openIncident(page, base, title);
  }
});

const path = (page) => new URL(page.url()).pathname;
const focused = (page) => page.evaluate(() => document.activeElement.outerHTML);

test("the palette finds by number, service and page, and gives the focus back", async () => {
  const { page, context, problems } = await here.mai();
  await page.goto(`${here.server.base}/incidents`);
  await awake(page);
  await page.getByRole("link", { name: "Postmortems" }).focus();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "Find anything" });
  await page.getByRole("option", { name: /INC-2/ }).waitFor();
  await accessible(page);
  await page.keyboard.press("Escape");
  assert.match(await focused(page), /Postmortems/);

  await page.keyboard.press("Control+k");
  await field.fill("INC-1");
  await page.getByRole("option", { name: /INC-1/ }).waitFor();
  await page.waitForFunction(() => document.querySelector("#palette-rows [aria-selected=true]")?.textContent.includes("INC-1"));
  assert.equal(await field.getAttribute("aria-activedescendant"), "palette-row-1");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/incidents/1");
  await awake(page);

  await page.getByRole("textbox", { name: "Find anything" }).pressSequentially("time z");
  await page.getByRole("option", { name: /Name and time zone/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/settings/profile");
  assert.deepEqual(problems, []);
  await context.close();
});

test("single keys lead on, never while somebody writes, and can be turned off", async () => {
  const { page, context, problems } = await here.mai();
  await page.goto(here.server.base);
  await awake(page);
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await page.waitForURL("**/incidents");
  await awake(page);
  await page.keyboard.press("j");
  assert.match(await focused(page), /href="\/incidents\/2"/);
  await page.keyboard.press("j");
  assert.match(await focused(page), /href="\/incidents\/1"/);
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/incidents/2");
  await awake(page);

  await page.keyboard.press("a");
  assert.match(await focused(page), /^<button/);
  await page.keyboard.press("n");
  await page.keyboard.type("g is a letter here, i too?");
  assert.equal(await page.locator("textarea").first().inputValue(), "g is a letter here, i too?");
  assert.equal(path(page), "/incidents/2");
  await page.locator("textarea").first().evaluate((field) => field.blur());
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
  await accessible(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: "Find anything" }).waitFor();

  await page.goto(`${here.server.base}/shortcuts`);
  await press(page, "Turn single keys off");
  await page.getByRole("button", { name: "Turn single keys on" }).waitFor();
  await awake(page);
  await page.keyboard.press("/");
  await page.keyboard.press("Control+k");
  await page.getByRole("option").first().waitFor();
  assert.equal(await page.getByRole("combobox").inputValue(), "", "the slash was no shortcut and no letter");
  assert.deepEqual(problems, []);
  await context.close();
});

test("the focus goes where a person goes on", async () => {
  const { page, context } = await here.mai();
  await page.goto(`${here.server.base}/incidents/1`);
  await awake(page);
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /Skip to the page/);
  await page.keyboard.press("Enter");
  assert.match(await focused(page), /^<main/);

  await page.locator("form.write textarea").fill("The pool is full");
  await press(page, "Add note");
  await page.locator("#timeline").getByText("The pool is full").waitFor();
  await page.waitForFunction(() => document.activeElement.localName === "textarea" && document.activeElement.value === "");

  await page.goto(`${here.server.base}/settings/people`);
  await page.getByLabel("Name").fill("Bo");
  await page.getByLabel("E-mail address").fill("mai@example.test");
  await press(page, "Send the invitation");
  await page.getByText("Somebody here has this e-mail address already.").waitFor();
  await page.waitForFunction(() => document.activeElement.name === "email");
  await context.close();
});

test("title and icon follow while a page is open", async () => {
  const { page, context } = await here.mai();
  await page.goto(`${here.server.base}/on-call`);
  await awake(page);
  await until(async () => /^\(2\) /.test(await page.title()), "two incidents are open");
  const icon = () => page.locator("link[rel=icon]").getAttribute("href");
  assert.equal(await icon(), "/favicon-unacknowledged.svg");
  const elsewhere = (thing, form = {}) => context.request.post(`${here.server.base}/incidents/2/${thing}`, { form });
  await elsewhere("resolution");
  // Coming back to the page is what makes it look again; the test does not wait for the half minute.
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.waitForFunction(() => document.title.startsWith("(1) "));
  await elsewhere("reopening", { why: "The test goes on", pages: "on" });
  await context.close();
});

test("a new page to me is told at once, other changes when there is a pause", async () => {
  const { page, context } = await here.mai();
  let now = { open: 2, icon: "/favicon-open.svg", page: "1 100", words: "You are paged: INC-1 before", banners: "" };
  await page.route("**/open", (route) => route.fulfill({ json: now }));
  const answered = () => page.waitForResponse("**/open");
  const [first] = await Promise.all([answered(), page.goto(`${here.server.base}/postmortems`)]);
  await first.finished();
  await awake(page);
  assert.equal((await page.locator("leptos-island [role=alert]").textContent()).trim(), "", "what was so before is not told");
  now = { open: 3, icon: "/favicon-unacknowledged.svg", page: "3 200", words: "You are paged: INC-3 Search is down", banners: '<section class="banners"><p>1 mail could not be sent yet.</p></section>' };
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.getByRole("alert").filter({ hasText: "You are paged: INC-3 Search is down" }).waitFor({ state: "attached" });
  await page.getByRole("status").filter({ hasText: "Another incident is open." }).waitFor({ state: "attached" });
  await page.getByText("1 mail could not be sent yet.").waitFor();
  await page.waitForFunction(() => document.querySelector(".sections .count").textContent.trim().startsWith("3"));
  await context.close();
});

test("without JavaScript the theme is switched and anything is found", async () => {
  const { page, context } = await here.mai({ javaScript: false });
  hasNoScript(page);
  await page.goto(`${here.server.base}/incidents`);
  await page.locator(".menu summary").click();
  await page.getByRole("button", { name: "Dark" }).click();
  await page.waitForURL("**/incidents");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  const paper = (of) => of.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await paper(page);
  await page.emulateMedia({ media: "print" });
  assert.notEqual(await paper(page), dark, "paper is white");
  await page.emulateMedia({ media: null });
  await page.getByRole("textbox", { name: "Find anything" }).fill("warehouse");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/find?q=warehouse");
  await page.locator("main").getByRole("link", { name: /INC-2/ }).click();
  await page.waitForURL("**/incidents/2");
  await context.close();
});

test("the pages of the frame are accessible and fit", async () => {
  const { page, context, problems } = await here.mai();
  for (const [address, name] of [
    ["/find?q=ch", "find"],
    ["/find?q=nothing+like+it", "find-nothing"],
    ["/shortcuts", "shortcuts"],
    ["/settings", "settings"],
    ["/settings?q=pager", "settings-found"],
    ["/settings/people", "people"],
    ["/settings/profile", "profile"],
    ["/nothing/here", "not-here"],
  ]) {
    await page.goto(`${here.server.base}${address}`);
    await look(page, name);
  }
  const unexpected = problems.filter((problem) => !problem.includes("404"));
  assert.deepEqual(unexpected, []);
  await context.close();
});
