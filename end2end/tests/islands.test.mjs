// The islands wake under the strict Content-Security-Policy and do what they are for: on the page of all components, with an
// event stream that the test writes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, awake, launch, visitor } from "../browser.mjs";
import { serveDesign } from "../design.mjs";

let browser;
let design;
let address;
const streams = [];
const asked = [];

before(async () => {
  design = await serveDesign((request, response, { pathname, search }) => {
    if (pathname === "/live/incidents/142") {
      asked.push({ search, resumes: request.headers["last-event-id"] });
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write("retry: 100\n\n");
      streams.push(response);
    } else if (pathname === "/ask/markdown-preview") {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => response.setHeader("content-type", "application/json").end(JSON.stringify(`<p>seen: ${new URLSearchParams(body).get("text")}</p>`)));
    } else if (pathname === "/ask/open") {
      const open = { open: 2, icon: "/favicon-open.svg", page: "", words: "", banners: "" };
      response.setHeader("content-type", "application/json").end(JSON.stringify(open));
    } else {
      return false;
    }
    return true;
  });
  address = design.address;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  design?.stop();
});

const entry = (seq, words) =>
  `<li class="entry phase-mended" id="entry-${seq}" data-seq="${seq}"><span class="entry-time"><time datetime="2026-11-22T02:12:00Z" data-form="clock">02:12</time></span><span class="entry-marker"></span><div class="entry-what">${words}</div></li>`;

const send = (name, data, id) =>
  streams.at(-1).write(`event: ${name}\n${id ? `id: ${id}\n` : ""}data: ${data}\n\n`);

test("entries arrive on top, once, in the reader's zone, and the stream resumes", async () => {
  const { context, page, problems } = await visitor(browser);
  await page.goto(address);
  await awake(page);
  await page.waitForSelector(".live-state[data-state=live]");
  assert.deepEqual(asked.at(-1), { search: "?after=6", resumes: undefined });

  send("entry", entry(9, "Resolved by <strong>Mai</strong>"), 9);
  const first = page.locator("#timeline > li").first();
  await page.waitForSelector("#entry-9");
  assert.equal(await first.getAttribute("id"), "entry-9");
  assert.equal(await first.locator("time").textContent(), "03:12");
  assert.match(await page.locator(".live-state + .unseen[role=status]").textContent(), /Resolved by Mai/);

  send("entry", entry(9, "Resolved by Mai, with thanks"), 9);
  await page.waitForFunction(() => document.querySelector("#entry-9").textContent.includes("thanks"));
  assert.equal(await page.locator("#entry-9").count(), 1);

  send("page", JSON.stringify({ facts: '<dl class="facts" id="facts"><div class="fact"><dt>State</dt><dd>Resolved</dd></div></dl>' }));
  await page.waitForFunction(() => document.querySelector("#facts").textContent === "StateResolved");

  const opened = streams.length;
  streams.at(-1).end();
  await page.waitForSelector(".live-state[data-state=lost]", { timeout: 2000 }).catch(() => {});
  await page.waitForSelector(".live-state[data-state=live]");
  assert.equal(streams.length, opened + 1);
  assert.equal(asked.at(-1).resumes, "9");
  assert.deepEqual(problems, []);
  await context.close();
});

test("what somebody wrote is told as a sentence", async () => {
  const { context, page } = await visitor(browser);
  await page.goto(address);
  await awake(page);
  await page.waitForSelector(".live-state[data-state=live]");
  const head = '<p class="entry-head"><span aria-hidden="true">IS</span><strong>Ingrid Solheim</strong> <span class="badge">status update</span></p>';
  send("entry", entry(9, `${head}<div class="prose"><p>Checkout is slow</p><p>for some</p></div>`), 9);
  const words = "Ingrid Solheim, status update: Checkout is slow for some";
  await page.locator(".live-state + .unseen[role=status]", { hasText: words }).waitFor({ state: "attached" });
  await context.close();
});

test("of notes that follow each other the newest has the head", async () => {
  const { context, page } = await visitor(browser);
  await page.goto(address);
  await awake(page);
  await page.waitForSelector(".live-state[data-state=live]");
  const note = (seq, at, by, more = "") =>
    `<li class="entry written" id="entry-${seq}" data-seq="${seq}" data-at="${at}" data-by="${by}"${more}><span class="entry-time"></span><span class="entry-marker"></span><div class="entry-what"><p class="entry-head"><strong>${by}</strong></p><div class="prose">Note ${seq}</div></div></li>`;
  send("entry", note(9, 1000, "ana"), 9);
  send("entry", note(10, 1100, "ana"), 10);
  await page.waitForSelector("#entry-9.continues");
  assert.equal(await page.locator("#entry-10.continues").count(), 0);
  assert.ok((await page.locator("#entry-9 .entry-head strong").boundingBox()).width <= 1, "the name is heard, not seen");
  // What somebody else adds later parts them; then it is gone for good.
  send("entry", note(11, 1050, "bo", " data-late"), 11);
  await page.waitForSelector("#entry-9:not(.continues)");
  assert.equal(await page.locator("#entry-10 + #entry-11 + #entry-9").count(), 1);
  send("entry", note(12, 1160, "ana"), 12);
  await page.waitForSelector("#entry-10.continues");
  send("entry", entry(12, "It was redacted"), 12);
  await page.waitForSelector("#entry-10:not(.continues)");
  await context.close();
});

test("whoever reads further down keeps the place", async () => {
  const { context, page } = await visitor(browser, { height: 500 });
  await page.goto(address);
  await awake(page);
  await page.waitForSelector(".live-state[data-state=live]");
  await page.locator("#entry-2").evaluate((entry) => entry.scrollIntoView({ block: "start" }));
  const top = () => page.locator("#entry-2").evaluate((entry) => entry.getBoundingClientRect().top);
  const before = await top();
  send("entry", entry(10, "A new entry"), 10);
  await page.waitForSelector("#entry-10");
  assert.ok(Math.abs((await top()) - before) < 1.5, "the page moved under the reader");
  await context.close();
});

test("a region is left alone while somebody writes in it", async () => {
  const { context, page } = await visitor(browser);
  await page.goto(address);
  await awake(page);
  await page.waitForSelector(".live-state[data-state=live]");
  await page.evaluate(() => (document.querySelector("#facts").innerHTML = '<div><input id="typed"></div>'));
  await page.fill("#typed", "half a sen");
  send("page", JSON.stringify({ facts: '<dl class="facts" id="facts">fresh</dl>' }));
  // Events come in order: once this entry is there, the region before it has been looked at.
  send("entry", entry(11, "After the region"), 11);
  await page.waitForSelector("#entry-11");
  assert.equal(await page.inputValue("#typed"), "half a sen");
  await page.evaluate(() => document.activeElement.blur());
  await page.waitForFunction(() => document.querySelector("#facts").textContent === "fresh");
  await context.close();
});

test("the preview shows what the server made of the text, and the text stays", async () => {
  const { context, page, problems } = await visitor(browser);
  await page.goto(address);
  await awake(page);
  const field = page.locator(".markdown-field").nth(1);
  assert.equal(await field.locator("textarea").inputValue(), "No alert of this kind in **30 days**.");
  await field.locator("textarea").fill("pool & <limit>");
  await field.getByRole("button", { name: "Preview" }).click();
  await field.locator(".markdown-preview p").waitFor();
  assert.match(await field.locator(".markdown-preview").textContent(), /^seen: pool & /);
  await field.getByRole("button", { name: "Preview" }).click();
  assert.equal(await field.locator("textarea").inputValue(), "pool & <limit>");
  assert.deepEqual(problems, []);
  await context.close();
});

test("a duration ticks by the server's clock", async () => {
  const { context, page } = await visitor(browser);
  await page.goto(address);
  await awake(page);
  await page.evaluate(() => {
    const time = document.querySelector("time[data-since]");
    time.dataset.since = String(Number(time.dataset.since) + 23 * 60 - 5);
  });
  await page.waitForFunction(() => /^([5-9]|1\d) s$/.test(document.querySelector("time[data-since]").textContent));
  await context.close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    test(`all components are accessible and fit, ${colorScheme}, ${width} px`, async () => {
      const { context, page, problems } = await visitor(browser, { width, colorScheme });
      await page.goto(address);
      await awake(page);
      await accessible(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      assert.deepEqual(problems, []);
      await context.close();
    });
  }
}

test("without JavaScript all is there to read and to write in", async () => {
  const { context, page } = await visitor(browser, { javaScript: false });
  await page.goto(address);
  assert.equal(await page.locator("#timeline > li").count(), 8);
  assert.equal(await page.locator(".markdown-tools:visible").count(), 0);
  assert.equal(await page.locator("textarea:visible").count(), 3);
  await context.close();
});
