// The main job, end to end: an alert from a real Alertmanager, a page over a real SMTP exchange, an acknowledgement from the
// phone, two people on one live timeline, the end, and what was learned. Once as it is meant, once with JavaScript off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { alertmanager } from "../alertmanager.mjs";
import { launch, visitor } from "../browser.mjs";
import { kintsugi } from "../kintsugi.mjs";
import { line } from "../line.mjs";
import { linkIn, mailServer } from "../mailserver.mjs";
import { learn } from "../learning.mjs";
import { acceptInvitation, acknowledgeFromThePhone, answer, hasNoScript, invite, look, press, setUp, write } from "../steps.mjs";

const alert = { alertname: "ErrorRateHigh", service: "checkout", severity: "critical", region: "eu-west-1" };
const told = { summary: "Checkout: error rate above 5 %", source: "http://prometheus.example.test/graph" };

let browser;
before(async () => (browser = await launch()));
after(async () => browser?.close());

/** Everything that runs beside the browser. It ends with the test. */
async function house(t) {
  const mail = await mailServer();
  t.after(() => mail.stop());
  const server = await kintsugi({ smtpUrl: mail.url });
  t.after(() => server.stop());
  return { mail, ...server };
}

const seqs = (page) => page.locator("#timeline > .entry").evaluateAll((entries) => entries.map((entry) => Number(entry.dataset.seq)));

/** Newest on top, each once, down to the first; what the mail server said of a page stands in the page's own line. */
async function withoutAGap(page) {
  const found = await seqs(page);
  assert.deepEqual(found, [...new Set(found)].sort((one, other) => other - one));
  assert.equal(found.at(-1), 1);
}

test("from the alert to what was learned, with two people on one timeline", async (t) => {
  const { base, mail } = await house(t);
  const mai = await visitor(browser, { colorScheme: "light" });
  const alertmanagerUrl = await setUp(mai.page, base, mail);
  const pager = await alertmanager(alertmanagerUrl);
  t.after(() => pager.stop());

  await invite(mai.page, base, { name: "Bo Berg", email: "bo@example.test" });
  const bo = await visitor(browser, { colorScheme: "dark" });
  // Bo comes by another address than the mails name, on a line that can be cut.
  const bosLine = await line(base);
  t.after(() => bosLine.stop());
  const invitation = linkIn(await mail.waitFor("bo@example.test", /Mai Lind invites you/), "/invitations/");
  await acceptInvitation(bo.page, invitation.replace(base, bosLine.base));

  await pager.fire(alert, told);
  const paged = await mail.waitFor("mai@example.test", /INC-1/);
  assert.equal(paged.subject, "[SEV1] INC-1 Checkout: error rate above 5 %");
  assert.match(paged.text, /prometheus\.example\.test/);
  const phone = await visitor(browser, { width: 390, height: 844, isMobile: true, hasTouch: true });
  await acknowledgeFromThePhone(phone.page, linkIn(paged, "/acknowledge/"));

  for (const [{ page }, address] of [
    [mai, base],
    [bo, bosLine.base],
  ]) {
    await page.goto(`${address}/incidents`);
    await page.getByRole("link", { name: told.summary }).click();
    await page.waitForSelector(".live-state[data-state=live]");
    await page.getByText("Acknowledged", { exact: false }).first().waitFor();
  }
  await look(mai.page, "incident");

  await write(mai.page, "The pool of **checkout-db** is full", "Add note");
  await bo.page.locator("#timeline").getByText("The pool of checkout-db is full").waitFor({ timeout: 1000 });
  await mai.page.waitForSelector(".live-state[data-state=live]");
  await write(bo.page, "I raise the limit to 200", "Add note");
  await mai.page.locator("#timeline").getByText("I raise the limit to 200").waitFor({ timeout: 1000 });

  await bo.page.waitForSelector(".live-state[data-state=live]");
  bosLine.cut();
  await bo.context.setOffline(true);
  await bo.page.waitForSelector(".live-state[data-state=lost]");
  await press(mai.page, "Take command");
  await write(mai.page, "Payments fail for one in twenty. Next update at noon.", "Post status update");
  await write(mai.page, "We do not roll back: the migration cannot be undone", "Record decision");
  assert.equal(await bo.page.locator("#timeline").getByText("We do not roll back").count(), 0);
  bosLine.mend();
  await bo.context.setOffline(false);
  await bo.page.locator("#timeline").getByText("We do not roll back").waitFor({ timeout: 10_000 });
  await bo.page.locator("#people .person", { hasText: "Mai Lind" }).waitFor();
  await withoutAGap(bo.page);

  await press(mai.page, "Mark mitigated");
  await bo.page.locator("#head").getByText("Mitigated").first().waitFor();
  await look(bo.page, "incident-mitigated");

  // Mai holds a role, so the end waits for a person.
  await pager.resolve(alert);
  for (const { page } of [mai, bo]) await page.getByText("All alerts are resolved.").waitFor({ timeout: 15_000 });
  await answer(mai.page, "Resolve", "Resolve it");
  await mai.page.getByText("It is over.").waitFor();
  await bo.page.getByText("It is over.").waitFor();
  await withoutAGap(bo.page);
  await look(mai.page, "incident-resolved");

  await learn(mai.page, base, { awake: true });

  for (const person of [mai, bo, phone]) {
    assert.deepEqual(person.problems, []);
    await person.context.close();
  }
});

test("the same with JavaScript off", async (t) => {
  const { base, mail } = await house(t);
  const mai = await visitor(browser, { javaScript: false });
  hasNoScript(mai.page);
  const alertmanagerUrl = await setUp(mai.page, base, mail);
  const pager = await alertmanager(alertmanagerUrl);
  t.after(() => pager.stop());
  await pager.fire(alert, told);
  const paged = await mail.waitFor("mai@example.test", /INC-1/);
  const phone = await visitor(browser, { javaScript: false, width: 390, height: 844, isMobile: true, hasTouch: true });
  hasNoScript(phone.page);
  await acknowledgeFromThePhone(phone.page, linkIn(paged, "/acknowledge/"));

  const { page } = mai;
  await page.goto(`${base}/incidents`);
  await page.getByRole("link", { name: told.summary }).click();
  await write(page, "The pool of **checkout-db** is full", "Add note");
  await press(page, "Take command");
  await write(page, "Payments fail for one in twenty.", "Post status update");
  await write(page, "We do not roll back", "Record decision");
  await press(page, "Mark mitigated");
  await answer(page, "Resolve", "Resolve it");
  await page.getByText("It is over.").waitFor();
  await withoutAGap(page);
  await learn(page, base, { awake: false });

  for (const person of [mai, phone]) {
    assert.deepEqual(person.problems, []);
    await person.context.close();
  }
});
