// The incident room: entries at their own time, changed, pinned and redacted; the update that is due; what stays while one scrolls; and
// incidents that are over already, or the same as another. With JavaScript and without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, awake } from "../browser.mjs";
import { house } from "../house.mjs";
import { hasNoScript, look, open, openIncident, press, write } from "../steps.mjs";

const here = house();

const texts = (page) => page.locator("#timeline .entry-what").allTextContents();
const placeOf = async (page, words) => (await texts(page)).findIndex((text) => text.includes(words));

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";
  const room = async (title) => {
    const { page, context, problems } = await here.mai({ javaScript });
    if (!javaScript) hasNoScript(page);
    const address = await openIncident(page, here.server.base, `${title}${how}`);
    if (javaScript) await awake(page);
    return { page, context, problems, address };
  };

  test(`an entry stands where it happened, and says that it was added later${how}`, async () => {
    const { page, context, problems, address } = await room("Own time");
    await page.getByLabel("When it happened").fill("soon");
    await write(page, "The deploy began\nsee https://example.com/a and INC-1", "Add note");
    await page.getByText("Write when it happened as 17:50").waitFor();
    assert.equal(await page.getByLabel("Write into the timeline").inputValue(), "The deploy began\nsee https://example.com/a and INC-1");
    await look(page, `time-refused${javaScript ? "" : "-plain"}`);
    await page.getByLabel("When it happened").fill("-10 min");
    await press(page, "Add note");
    await page.locator("#timeline").getByText("added 10 min later").waitFor();
    assert.equal(await page.getByLabel("Write into the timeline").inputValue(), "", "what has arrived is in no field");
    const [note, opened] = [await placeOf(page, "The deploy began"), await placeOf(page, "Opened as")];
    assert.ok(note > opened && opened >= 0, `${note} is below ${opened}, as what is older`);
    const prose = page.locator("#timeline .written .prose").first();
    assert.equal(await prose.locator("br").count(), 1);
    assert.equal(await prose.getByRole("link", { name: "INC-1", exact: true }).getAttribute("href"), "/incidents/1");
    await page.goto(address);
    assert.equal(await page.getByText("Kept from before").count(), 0);
    assert.ok((await placeOf(page, "The deploy began")) > (await placeOf(page, "Opened as")));
    await look(page, `room${javaScript ? "" : "-plain"}`);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`notes that follow each other say the name once, and each has its own link${how}`, async () => {
    const { page, context, problems, address } = await room("Together");
    for (const text of ["The pool is full", "Workers were doubled"]) {
      await write(page, text, "Add note");
      await page.locator("#timeline .written", { hasText: text }).waitFor();
    }
    const below = page.locator("#timeline .written.continues", { hasText: "The pool is full" });
    await below.waitFor();
    assert.equal(await page.locator("#timeline .written:not(.continues)").count(), 1);
    const { height } = await below.boundingBox();
    assert.ok(height <= 48, `a note in one line is ${height} px high`);
    assert.ok((await below.locator(".entry-head strong").boundingBox()).width <= 1);
    await look(page, `notes-together${javaScript ? "" : "-plain"}`);
    await below.getByRole("link", { name: /^Entry \d+/ }).click();
    await page.waitForURL(/entries\/\d+$/);
    const [, seq] = page.url().match(/entries\/(\d+)$/);
    await press(page, "Pin it");
    await page.getByRole("button", { name: "Unpin" }).waitFor();
    await page.goto(`${address}#entry-${seq}`);
    const pinned = page.locator(`#entry-${seq}.continues:target`);
    await pinned.getByText("pinned", { exact: true }).waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`the latest status update stands on top with when the next is due${how}`, async () => {
    const { page, context, problems } = await room("Next update");
    await page.getByLabel("Next status update").selectOption("30");
    await write(page, "We are looking into it", "Post status update");
    const update = page.locator("#update");
    await update.getByText("next update due at").waitFor();
    await update.getByText("We are looking into it").waitFor();
    await look(page, `update${javaScript ? "" : "-plain"}`);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`a note is changed, pinned and redacted${how}`, async () => {
    const { page, context, problems, address } = await room("Changed");
    await write(page, "The password is hunter2", "Add note");
    await page.locator("#timeline").getByText("hunter2").waitFor();
    await page.goto(address);
    await page.locator("#timeline .written").getByRole("link", { name: /^Entry \d+/ }).click();
    const entry = page.url();
    await open(page, "Change the text");
    await page.getByLabel("Text", { exact: true }).fill("The password is hunter3");
    await press(page, "Save the text");
    await page.getByRole("heading", { name: "Before it was changed" }).waitFor();
    assert.equal(await page.getByText("hunter2").count(), 1, "what stood there is shown");
    await press(page, "Pin it");
    await page.getByRole("button", { name: "Unpin" }).waitFor();
    await look(page, `entry${javaScript ? "" : "-plain"}`);
    await page.goto(`${address}?show=pinned`);
    assert.deepEqual((await texts(page)).length, 1);
    assert.match((await texts(page))[0], /edited · pinned/);
    await page.getByRole("link", { name: "Decisions" }).click();
    await page.getByText("Nothing of this kind yet.").waitFor();
    await page.goto(entry);
    await page.locator("summary", { hasText: "Redact it" }).click();
    await page.getByLabel("Why?").fill("It held a password");
    await page.locator("details.asks[open] button:not([aria-disabled])", { hasText: "Redact it" }).click();
    await page.getByText("was redacted by Mai Lind: It held a password").waitFor();
    await page.goto(address);
    assert.doesNotMatch(await page.content(), /hunter/);
    const markdown = await context.request.get(`${address}/timeline.md`);
    assert.match(await markdown.text(), /redacted by Mai Lind/);
    assert.doesNotMatch(await markdown.text(), /hunter/);
    const plain = await context.request.get(`${address}/timeline.txt`);
    assert.match(await plain.text(), /redacted by Mai Lind/);
    assert.doesNotMatch(await plain.text(), /hunter|\*\*|^#/m);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`one that is over already is entered with its times${how}`, async () => {
    const { page, context, problems } = await room("Before");
    await page.goto(`${here.server.base}/incidents/new`);
    await page.getByLabel("What is broken").fill(`Over already${how}`);
    await page.getByLabel("Checkout").check();
    await page.locator("summary", { hasText: "It is over already" }).click();
    await press(page, "Enter it, page nobody");
    await page.getByText("Say when it began.").first().waitFor();
    await page.getByLabel("Since when, if you know").fill("2026-01-05T09:00");
    await page.getByLabel("Resolved", { exact: true }).fill("2026-01-05T10:30");
    await look(page, `past${javaScript ? "" : "-plain"}`);
    await press(page, "Enter it, page nobody");
    await page.getByText("entered it afterwards; nobody was paged").waitFor();
    await page.locator("#facts").getByText("1 h 30 min").first().waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`incidents are linked, and a duplicate joins the other${how}`, async () => {
    const { page, context, problems, address } = await room("The other");
    const other = address.split("/").pop();
    await openIncident(page, here.server.base, `The same${how}`);
    const form = await open(page, "Link an incident");
    await form.getByLabel("The other incident").fill("INC-99999");
    await form.getByRole("button", { name: "Link" }).click();
    await page.getByText("Write the other incident's number").waitFor();
    await page.locator("details[open]").getByLabel("The other incident").fill(`INC-${other}`);
    await page.locator("details[open]").getByRole("button", { name: "Link" }).click();
    await page.locator("#linked").getByRole("link", { name: `INC-${other}` }).waitFor();
    await page.locator("summary:not([aria-disabled])", { hasText: "Mark as a duplicate" }).click();
    await page.locator("details.asks[open]").getByLabel("The other incident").fill(other);
    await page.locator("details.asks[open] button:not([aria-disabled])", { hasText: "Mark as a duplicate" }).click();
    await page.locator("#timeline").getByText("A duplicate of").waitFor();
    await look(page, `duplicate${javaScript ? "" : "-plain"}`);
    await page.goto(address);
    await page.locator("#timeline").getByText("Took over").waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
}

for (const [where, options] of Object.entries({ "at home": {}, "on a phone": { width: 390, height: 844, isMobile: true, hasTouch: true } })) {
  test(`the strip stays while one scrolls, ${where}`, async () => {
    const { page, context, problems } = await here.mai(options);
    const address = await openIncident(page, here.server.base, `Long ${where}`);
    for (let note = 0; note < 40; note += 1) {
      await context.request.post(`${address}/notes`, { form: { text: `Line ${note}\n\nMore\n\nMore` }, headers: { origin: here.server.base } });
    }
    await page.goto(address);
    const strip = page.locator("#strip .strip-inside");
    assert.equal(await strip.isVisible(), false);
    await page.evaluate(() => scrollTo(0, 1200));
    await strip.waitFor({ state: "visible" });
    const { y } = await strip.boundingBox();
    assert.ok(y >= 0 && y < 20, `${y}`);
    assert.match(await strip.textContent(), /INC-\d+.*Triggered.*Responder nobody yet/s);
    if (where === "at home") {
      await strip.getByRole("button", { name: "Acknowledge" }).click();
      await page.locator("#facts").getByText("Mai Lind").first().waitFor();
    }
    assert.deepEqual(problems, []);
    await context.close();
  });
}

test("what stands beside the timeline stays below the strip, and paper has all of it", async () => {
  const { page, context, problems } = await here.mai();
  const address = await openIncident(page, here.server.base, "Beside");
  for (let note = 0; note < 20; note += 1) {
    await context.request.post(`${address}/notes`, { form: { text: `Line ${note}\n\nMore\n\nMore` }, headers: { origin: here.server.base } });
  }
  await page.goto(address);
  const columns = [".incident-left", ".incident-around"];
  const boxes = () => Promise.all(columns.map((column) => page.locator(column).boundingBox()));
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  const strip = page.locator("#strip .strip-inside");
  await strip.waitFor({ state: "visible" });
  const { y, height } = await strip.boundingBox();
  for (const box of await boxes()) {
    assert.ok(box.y >= y + height && box.y < 80, `it begins at ${box.y}`);
    assert.ok(box.y + box.height <= 900, "it ends within the window");
  }
  assert.ok(await page.locator("#facts").isVisible());
  // A window that is not as high as what stands there.
  await page.setViewportSize({ width: 1440, height: 500 });
  const more = page.locator(".incident-left summary", { hasText: "Change services" });
  await more.focus();
  const { y: top } = await more.boundingBox();
  assert.ok(top > 0 && top < 500, `${top}`);
  await page.emulateMedia({ media: "print" });
  for (const column of columns) {
    const [position, overflow] = await page.locator(column).evaluate((element) => [getComputedStyle(element).position, getComputedStyle(element).overflowY]);
    assert.deepEqual([position, overflow], ["static", "visible"]);
  }
  assert.deepEqual(problems, []);
  await context.close();
});

test("a note that was added later arrives live at its place", async () => {
  const { page, context } = await here.mai();
  const address = await openIncident(page, here.server.base, "Live place");
  await awake(page);
  await page.waitForSelector(".live-state[data-state=live]");
  const post = (form) => context.request.post(`${address}/notes`, { form, headers: { origin: here.server.base } });
  await post({ text: "Just now" });
  await page.locator("#timeline").getByText("Just now").waitFor();
  await post({ text: "Long before", happened: "-1 h" });
  await post({ text: "And now" });
  await page.locator("#timeline").getByText("And now").waitFor();
  assert.equal(await placeOf(page, "And now"), 0);
  // Older than all that is shown: it stands there when the page is loaded again.
  await page.reload();
  assert.equal(await placeOf(page, "Long before"), (await texts(page)).length - 1);
  await context.close();
});

test("whoever reads further down is told what is new above, and copies the code that came", async () => {
  const { page, context, problems } = await here.mai({ height: 600 });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: here.server.base });
  const address = await openIncident(page, here.server.base, "New above");
  const post = (text) => context.request.post(`${address}/notes`, { form: { text }, headers: { origin: here.server.base } });
  for (let note = 0; note < 12; note += 1) await post(`Line ${note}\n\nMore\n\nMore`);
  await page.goto(address);
  await awake(page);
  await page.waitForSelector(".live-state[data-state=live]");
  const read = page.locator("#timeline .entry", { hasText: "Line 4" });
  const readOn = () => read.evaluate((entry) => entry.scrollIntoView({ block: "start" }));
  const top = () => read.evaluate((entry) => entry.getBoundingClientRect().top);
  const bar = page.getByRole("button", { name: /^\d+ new$/ });
  await readOn();
  const before = await top();
  await post("Restarted");
  await post("It says\n\n```\nkubectl get pods\n```");
  await page.getByRole("button", { name: "2 new" }).waitFor();
  assert.ok(Math.abs((await top()) - before) < 1.5, `the page moved under the reader by ${(await top()) - before}`);
  await accessible(page);
  await bar.click();
  const newest = page.locator("#timeline > .entry").first();
  assert.ok(await newest.evaluate((entry) => entry === document.activeElement));
  const { y } = await newest.boundingBox();
  assert.ok(y >= 0 && y < 200, `${y}`);
  assert.equal(await bar.count(), 0);

  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await look(page, "code-that-came");
  await newest.getByRole("button", { name: "Copy" }).click();
  await newest.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await copied(), await newest.locator("pre").textContent());
  const texts = page.locator(".timeline-texts");
  await texts.getByRole("button", { name: "Copy: As plain text" }).click();
  await texts.getByRole("button", { name: "Copied" }).waitFor();
  const plain = await copied();
  assert.match(plain, /^INC-\d+ New above\n/);
  assert.ok(plain.indexOf("Line 0") < plain.indexOf("kubectl"), "as it happened");
  assert.doesNotMatch(plain, /\*\*|```/);

  // Whoever goes up by themselves has seen it.
  await readOn();
  await post("One more");
  await page.getByRole("button", { name: "1 new" }).waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await page.locator(".fresh-bar").waitFor({ state: "hidden" });
  assert.deepEqual(problems, []);
  await context.close();
});
