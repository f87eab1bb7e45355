// The first visit: what the browser knows is not asked, what is pasted elsewhere is copied, and the page says when the alert has come.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "../browser.mjs";
import { kintsugi } from "../kintsugi.mjs";
import { linkIn, mailServer } from "../mailserver.mjs";
import { look, press, setUpHouse } from "../steps.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => browser?.close());

test("set-up proposes the browser's zone, copies, and turns green when the alert arrives", async (t) => {
  const mail = await mailServer();
  t.after(() => mail.stop());
  const server = await kintsugi({ smtpUrl: mail.url });
  t.after(() => server.stop());
  const { context, page, problems } = await visitor(browser, { timezoneId: "Asia/Kathmandu" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.base });

  await page.goto(server.base);
  // Chromium knows it by its older name.
  await page.waitForFunction(() => /^Asia\/Kath?mandu$/.test(document.querySelector("[data-zone-of-browser] select")?.value));
  await page.getByLabel("Time zone").selectOption("UTC");
  await setUpHouse(page, server.base);
  await page.waitForURL(/\/setup\/ready/);
  await page.getByText("Nothing has arrived yet.").waitFor();

  const lines = page.locator("pre.paste", { hasText: "curl" }).first();
  await lines.locator("xpath=following-sibling::button[1]").click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await lines.textContent());

  const [, address] = copied.match(/(http:\S+\/json\/[A-Za-z0-9_-]+)/);
  const alert = { title: "The first", severity: "SEV2", dedup_key: "first" };
  const sent = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(alert) });
  assert.equal(sent.status, 202);
  await page.getByText("It arrived.").waitFor();
  await page.getByRole("link", { name: /INC-1/ }).waitFor();
  await look(page, "setup-arrived");
  assert.deepEqual(problems, []);
});

test("several are invited into a team with one form", async (t) => {
  const mail = await mailServer();
  t.after(() => mail.stop());
  const server = await kintsugi({ smtpUrl: mail.url });
  t.after(() => server.stop());
  const { page } = await visitor(browser);
  await setUpHouse(page, server.base);
  await page.goto(`${server.base}/settings/people`);
  await page.getByText("Invite several").click();
  await page.getByLabel("Their addresses").fill("bo.berg@example.test\nnobody");
  await page.locator("#several").getByLabel("Team").selectOption({ index: 1 });
  await press(page, "Send the invitations");
  await page.getByText("Line 2: Write an e-mail address").first().waitFor();
  await look(page, "invite-several");
  await page.getByLabel("Their addresses").fill("bo.berg@example.test\nCy Ruiz <cy@example.test>");
  await press(page, "Send the invitations");
  await page.getByRole("cell", { name: "bo.berg@example.test" }).waitFor();
  linkIn(await mail.waitFor("cy@example.test", /invites you/), "/invitations/");
  await page.goto(`${server.base}/settings/teams/payments`);
  await page.getByText("Cy Ruiz").first().waitFor();
});
