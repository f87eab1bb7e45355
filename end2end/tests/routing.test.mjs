// A service pages by another policy for what is critical; an acknowledgement holds for a while; who is on call is shown to others.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "../browser.mjs";
import { kintsugi } from "../kintsugi.mjs";
import { mailServer } from "../mailserver.mjs";
import { hasNoScript, look, press, setUpHouse } from "../steps.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => browser?.close());

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  test(`rules lead to another policy, and the dry run shows it, ${how}`, async (t) => {
    const mail = await mailServer();
    t.after(() => mail.stop());
    const server = await kintsugi({ smtpUrl: mail.url });
    t.after(() => server.stop());
    const { page, problems } = await visitor(browser, { javaScriptEnabled });
    if (!javaScriptEnabled) hasNoScript(page);
    await setUpHouse(page, server.base);

    await page.goto(`${server.base}/settings/policies/new`);
    await page.getByLabel("Team").selectOption({ index: 0 });
    await page.getByLabel("Name").fill("Critical");
    await page.locator("#step-0-target-0").selectOption("administrators");
    await page.getByLabel("An acknowledgement holds").selectOption("30");
    await press(page, "Make the policy");
    await page.getByText("Whoever has acknowledged is asked again after 30 minutes").waitFor();

    await page.goto(`${server.base}/settings/services/checkout`);
    await page.getByRole("link", { name: /^Routing rules/ }).click();
    await page.locator("#rule-0-severity").selectOption("SEV1");
    await page.locator("#rule-0-policy").selectOption({ label: "Critical" });
    await press(page, "Save");
    await page.getByText("SEV1: Critical").waitFor();
    // A rule for some hours, of a day on which it never holds, is one more; it is told in words.
    await page
      .locator("fieldset", { has: page.locator("#rule-1-policy") })
      .getByText("Only at some hours")
      .click();
    await page.locator("#rule-1-policy").selectOption({ label: "Critical" });
    await page.locator("#rule-1-when").selectOption("outside");
    await press(page, "Save");
    await page.getByText(/Any severity, outside of 09:00 to 17:00 on Monday to Friday/).waitFor();
    await look(page, `routing-${javaScriptEnabled ? "with" : "without"}`);

    await page.goto(`${server.base}/settings/services/checkout/dry-run?severity=SEV1`);
    await page.getByText("It pages by Critical.").waitFor();
    assert.deepEqual(problems, []);
  });
}

test("who is on call is shown to others once it is switched on", async (t) => {
  const mail = await mailServer();
  t.after(() => mail.stop());
  const server = await kintsugi({ smtpUrl: mail.url });
  t.after(() => server.stop());
  const { page } = await visitor(browser);
  await setUpHouse(page, server.base);
  await page.goto(`${server.base}/settings/schedules`);
  await page.locator(".settings-rows a").first().click();
  await page.getByLabel("Show who is on call to whoever has the address").check();
  await page.locator("#shown").getByRole("button", { name: "Save" }).click();
  const address = await page.locator("#shown a").first().getAttribute("href");
  const path = new URL(address).pathname;

  const stranger = await visitor(browser);
  await stranger.page.goto(`${server.base}${path}`);
  await stranger.page.getByRole("heading", { name: /^On call:/ }).waitFor();
  await look(stranger.page, "shown-to-others");
  const badge = await fetch(`${server.base}${path}.svg`);
  assert.equal(badge.headers.get("content-type"), "image/svg+xml; charset=utf-8");
  assert.match(await badge.text(), /On call for .*: /);

  await page.getByLabel("Show who is on call to whoever has the address").uncheck();
  await page.locator("#shown").getByRole("button", { name: "Save" }).click();
  await page.waitForFunction(() => !document.querySelector("#shown a"));
  assert.equal((await fetch(`${server.base}${path}`)).status, 404);
});
