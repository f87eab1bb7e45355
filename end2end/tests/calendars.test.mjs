// Absence and holidays from calendars that people have elsewhere, given as files: on a phone, with JavaScript and without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { awake } from "../browser.mjs";
import { company } from "../company.mjs";
import { hasNoScript, look, press } from "../steps.mjs";

const phone = { width: 390, height: 844, isMobile: true, hasTouch: true };
const companies = { "with JavaScript": company(), "without JavaScript": company() };

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** A calendar of one event of whole days. */
function calendar(name, title, from, to) {
  const day = (days) => inDays(days).replaceAll("-", "");
  const lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:one", `SUMMARY:${title}`, `DTSTART;VALUE=DATE:${day(from)}`, `DTEND;VALUE=DATE:${day(to)}`, "END:VEVENT", "END:VCALENDAR", ""];
  return { name, mimeType: "text/calendar", buffer: Buffer.from(lines.join("\r\n")) };
}

for (const [how, here] of Object.entries(companies)) {
  const javaScript = how === "with JavaScript";
  const comesAs = async (role) => {
    const person = await here.comesAs(role, { ...phone, javaScript });
    if (!javaScript) hasNoScript(person.page);
    return person;
  };
  const arrives = async (page, address) => {
    await page.goto(`${here.server.base}${address}`);
    if (javaScript) await awake(page);
  };

  test(`an absence is given as a file, and cover is asked for with one press, ${how}`, async () => {
    const { page, context, problems } = await comesAs("responder");
    await arrives(page, "/on-call");
    await page.getByRole("link", { name: "Your absence" }).click();
    await page.waitForURL("**/on-call/absence");
    await page.locator("input[type=file]").setInputFiles({ name: "away.ics", mimeType: "text/calendar", buffer: Buffer.from("<html>") });
    await press(page, "Read the file");
    await page.getByText("This file cannot be read.").waitFor();
    await page.locator("input[type=file]").setInputFiles(calendar("away.ics", "Away", 1, 29));
    await press(page, "Read the file");
    const says = page.locator(".notice", { hasText: "Your calendar says you are away" });
    await says.getByText(/fall into it|falls into it/).waitFor();
    await look(page, `absence${javaScript ? "" : "-without-javascript"}`);
    await says.getByRole("button", { name: /^Ask for cover/ }).click();
    await page.waitForURL("**/on-call/away");
    await page.locator(".notice", { hasText: "Cover is asked for, and nobody has taken it yet." }).waitFor();
    await arrives(page, "/on-call");
    assert.equal(await page.getByRole("button", { name: /^Ask for cover/ }).count(), 0, "once is enough");
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`the holidays of a team are given as a file and stand in its calendar, ${how}`, async () => {
    const { page, context, problems } = await comesAs("administrator");
    await arrives(page, "/settings/teams/payments");
    await page.getByRole("link", { name: "Holidays" }).click();
    await page.waitForURL("**/holidays");
    await page.locator("input[type=file]").setInputFiles(calendar("holidays.ics", "Founders’ Day", 2, 3));
    await press(page, "Read the file");
    await page.getByRole("listitem").filter({ hasText: "Founders’ Day" }).waitFor();
    await look(page, `holidays${javaScript ? "" : "-without-javascript"}`);
    await arrives(page, `/on-call/calendar?team=payments&day=${inDays(2)}`);
    await page.locator(".calendar li", { hasText: "Founders’ Day" }).getByText(/Holiday/).first().waitFor();
    await look(page, `calendar-with-a-holiday${javaScript ? "" : "-without-javascript"}`);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`turns are sent as invitations once somebody says so, and no more when they say no, ${how}`, async () => {
    const { page, context, problems } = await comesAs("responder");
    await arrives(page, "/settings/profile#mails");
    await page.getByRole("link", { name: "Turns as invitations" }).click();
    await page.waitForURL("**/on-call/calendars#invitations");
    if (javaScript) await awake(page);
    const part = page.locator("section", { has: page.getByRole("heading", { name: "Turns as invitations" }) });
    const wanted = part.getByLabel("Send my turns as invitations");
    assert.equal(await wanted.isChecked(), false, "off unless switched on");
    for (const on of [true, false]) {
      await wanted.setChecked(on);
      await part.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved").first().waitFor();
      await look(page, `invitations-${on ? "on" : "off"}${javaScript ? "" : "-without-javascript"}`);
      await arrives(page, "/on-call/calendars");
      assert.equal(await wanted.isChecked(), on);
    }
    assert.deepEqual(problems, []);
    await context.close();
  });
}
