// What people do, in the words of the pages.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { accessible, settled } from "./browser.mjs";

const pictures = process.env.KINTSUGI_PICTURES && fileURLToPath(new URL("results/", import.meta.url));
const sizes = [
  [1440, 900],
  [390, 844],
];

/**
 * Looks at the page as others see it: wide and narrow, light and dark, with axe-core, and nothing sticks out. With
 * KINTSUGI_PICTURES set, pictures of it go to `results/`.
 */
export async function look(page, name) {
  // A button that has just changed what it means rests for a second, and is pale meanwhile.
  await page.locator(".button[aria-disabled]").first().waitFor({ state: "detached", timeout: 5000 }).catch(() => {});
  const before = page.viewportSize();
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await settled(page);
      // Contrast is of colours, the rest of widths: two of the four see all. axe-core needs JavaScript.
      if ((width > 1000) === (colorScheme === "light") && canScript(page)) await accessible(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${page.url()} is ${wide} px wide in a window of ${width}`);
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: `${pictures}${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize(before);
}

const withoutScript = new WeakSet();

/** axe-core cannot look at the pages of this person. */
export function hasNoScript(page) {
  withoutScript.add(page);
}

const canScript = (page) => !withoutScript.has(page);

/** Presses the button with this name, the first where there are several. */
export async function press(page, name) {
  await page.getByRole("button", { name, exact: true }).first().click();
}

/** The first visit: whoever comes is led to set-up. Answers with the address for Alertmanager. */
export async function setUp(page, base, mail) {
  await page.goto(base);
  assert.equal(new URL(page.url()).pathname, "/setup");
  await look(page, "setup");
  await fillSetUp(page);
  await look(page, "setup-ready");
  const lines = await page.locator("pre.paste", { hasText: "webhook_configs" }).textContent();
  const [address] = lines.match(/http:\S+\/alertmanager\/\S+/);
  await page.getByRole("button", { name: /test/i }).click();
  await mail.waitFor("mai@example.test", /test/i);
  // Until the test is known as sent the page looks again by itself, and would stop whoever goes on.
  await page.locator("meta[http-equiv=refresh]").waitFor({ state: "detached" });
  return address;
}

export async function invite(page, base, { name, email }) {
  await page.goto(`${base}/settings/people`);
  await look(page, "people");
  const form = page.locator("#invite");
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("E-mail address").fill(email);
  await form.getByLabel("Role").selectOption("responder");
  await form.getByLabel("Time zone").selectOption("Europe/Lisbon");
  await press(page, "Send the invitation");
  await page.getByRole("cell", { name: email }).waitFor();
}

export async function acceptInvitation(page, link) {
  await page.goto(link);
  await look(page, "invitation");
  await page.getByLabel("Password").fill("tea without the kettle");
  await press(page, "Set the password and come in");
  await page.waitForURL((url) => url.pathname === "/");
  await look(page, "home");
}

/** Nobody is logged in on this phone: the link is enough, and only the button does something. */
export async function acknowledgeFromThePhone(page, link) {
  await page.goto(link);
  assert.deepEqual(await page.context().cookies(), []);
  await look(page, "acknowledge");
  await press(page, "Acknowledge");
  await page.getByText("You have it.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Acknowledge" }).count(), 0);
  await page.goto(link);
  await page.getByText("Somebody has it already.").waitFor();
}

/** Writes into the timeline: a note, a decision or a status update, by the name of the button. */
export async function write(page, text, button) {
  await page.getByLabel("Write into the timeline").fill(text);
  await press(page, button);
}

/** Opens the form behind a button, if it is not open yet, and answers with it. */
export async function open(page, label) {
  const dialog = page.locator("details.dialog", { has: page.locator("summary", { hasText: label }) }).last();
  await dialog.evaluate((details) => details.open).then((isOpen) => isOpen || dialog.locator("summary").first().click());
  return dialog;
}

/** Mai Lind, the team Payments and its service Checkout. */
async function fillSetUp(page) {
  await page.getByLabel("Name").fill("Mai Lind");
  await page.getByLabel("E-mail address").fill("mai@example.test");
  await page.getByLabel("Password").fill("a bowl mended with gold");
  await page.getByLabel("Time zone").selectOption("Europe/Berlin");
  await page.getByLabel("Team").fill("Payments");
  await page.getByLabel("Service").fill("Checkout");
  await press(page, "Set up");
  await page.waitForURL("**/setup/ready");
}

/** The first visit, as fast as it goes. */
export async function setUpHouse(page, base) {
  await page.goto(base);
  await fillSetUp(page);
}

/** Opens an incident by hand, and answers with its address. */
export async function openIncident(page, base, title, service = "Checkout") {
  await page.goto(`${base}/incidents/new`);
  await page.getByLabel("Title").or(page.getByLabel("What is broken")).first().fill(title);
  await page.getByLabel(service).check();
  await press(page, "Open and page");
  await page.waitForURL(/\/incidents\/\d+/);
  return page.url().replace(/[?#].*/, "");
}

/** What asks first: the button that opens the question, and the one in it. */
export async function answer(page, label, button) {
  const question = page.locator("details.asks:visible", { has: page.locator("summary", { hasText: label }) }).first();
  await question.locator("summary:not([aria-disabled])").click();
  // A change of the page at this very moment makes the button rest once more: then it is pressed again, as a person would.
  const gone = page.waitForEvent("framenavigated");
  for (let left = false; !left; ) {
    await question.locator("button:not([aria-disabled])", { hasText: button }).click();
    left = await Promise.race([gone.then(() => true), question.locator("button[aria-disabled]").first().waitFor().then(() => false, () => true)]);
  }
}
