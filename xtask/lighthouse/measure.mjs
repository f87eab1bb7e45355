// Lighthouse's phone profile on the pages that people open first, on a throwaway Kintsugi with one incident in it.
// `cargo xtask lighthouse` builds the release, says where it and Chromium are, and runs this.
import lighthouse from "lighthouse";
import { launch } from "../../end2end/browser.mjs";
import { freePort, kintsugi } from "../../end2end/kintsugi.mjs";

const least = 95;
const categories = ["performance", "accessibility", "best-practices", "seo"];
// Incidents are no business of search engines: every page says noindex, which this audit counts as a fault.
const skipAudits = ["is-crawlable"];

const port = await freePort();
const server = await kintsugi();
const browser = await launch([`--remote-debugging-port=${port}`]);
let tooLow = 0;
try {
  const context = await browser.newContext();
  await fill(await context.newPage(), server.base);
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  console.log(["page".padEnd(24), ...categories.map((name) => name.padStart(16))].join(""));
  for (const [name, path, headers] of [
    ["home", "/", { cookie }],
    ["incident", "/incidents/1", { cookie }],
    ["postmortem", "/incidents/2/postmortem", { cookie }],
    ["log-in", "/login", {}],
  ]) {
    const { lhr } = await lighthouse(`${server.base}${path}`, {
      port,
      output: "json",
      logLevel: "error",
      onlyCategories: categories,
      skipAudits,
      extraHeaders: headers,
      disableStorageReset: true,
    });
    const scores = categories.map((category) => Math.round((lhr.categories[category].score ?? 0) * 100));
    console.log([name.padEnd(24), ...scores.map((score) => String(score).padStart(16))].join(""));
    tooLow += scores.filter((score) => score < least).length;
    complain(lhr);
  }
} finally {
  await browser.close();
  await server.stop();
}
if (tooLow > 0) {
  console.error(`${tooLow} of these are below ${least}.`);
  process.exitCode = 1;
}

/** What costs points, of the categories that are too low. */
function complain(lhr) {
  for (const category of categories) {
    const { score, auditRefs } = lhr.categories[category];
    if (score >= least / 100) continue;
    for (const { id, weight } of auditRefs) {
      const audit = lhr.audits[id];
      if (weight > 0 && audit.score !== null && audit.score < 0.9) {
        console.log(`    ${category}: ${audit.title} ${audit.displayValue ?? ""}`);
      }
    }
  }
}

/** Set up, with an open incident and the postmortem of one that is over. */
async function fill(page, base) {
  const press = (name) => page.getByRole("button", { name, exact: true }).first().click();
  await page.goto(base);
  await page.getByLabel("Name").fill("Mai Lind");
  await page.getByLabel("E-mail address").fill("mai@example.test");
  await page.getByLabel("Password").fill("a bowl mended with gold");
  await page.getByLabel("Time zone").selectOption("Europe/Berlin");
  await page.getByLabel("Team").fill("Payments");
  await page.getByLabel("Service").fill("Checkout");
  await press("Set up");
  await page.waitForURL("**/setup/ready");
  for (const title of ["Checkout: error rate above 5 %", "The warehouse printer prints twice"]) {
    await page.goto(`${base}/incidents/new`);
    await page.locator("input[name=title]").fill(title);
    await page.getByLabel("Checkout").check();
    await page.locator("main form button").last().click();
    await page.waitForURL(/\/incidents\/\d+/);
    for (const text of ["The pool of **checkout-db** is full", "It was raised to 200 and has been quiet since"]) {
      await page.locator("form.write textarea").fill(text);
      await press("Add note");
      await page.locator("#timeline").getByText(text.slice(-12)).first().waitFor();
    }
  }
  await press("Resolve");
  await press("Write the postmortem");
  await page.waitForURL("**/incidents/2/postmortem");
}
