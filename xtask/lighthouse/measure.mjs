// Lighthouse's phone profile on the pages that people open first, with the invented company of the demo.
// `cargo xtask lighthouse` builds the release, says where it and Chromium are, and runs this.
import lighthouse from "lighthouse";
import { launch } from "../../end2end/browser.mjs";
import { demo, freePort } from "../../end2end/kintsugi.mjs";

const least = 95;
const categories = ["performance", "accessibility", "best-practices", "seo"];
// Incidents are no business of search engines: every page says noindex, which this audit counts as a fault.
const skipAudits = ["is-crawlable"];

const port = await freePort();
const server = await demo();
const browser = await launch([`--remote-debugging-port=${port}`]);
let tooLow = 0;
try {
  const context = await browser.newContext();
  const { cookie, incident, postmortem } = await enter(context, server.base);
  console.log(["page".padEnd(24), ...categories.map((name) => name.padStart(16))].join(""));
  for (const [name, path, headers] of [
    ["home", "/", { cookie }],
    ["incident", incident, { cookie }],
    ["postmortem", postmortem, { cookie }],
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

/** Logs in as a responder and finds the open incident and a published postmortem: `{ cookie, incident, postmortem }`. */
async function enter(context, base) {
  const page = await context.newPage();
  await page.goto(`${base}/login`);
  await page.locator("form[action='/demo-log-in/responder'] button").click();
  await page.waitForURL((url) => url.pathname === "/");
  const first = async (list, kind) => {
    await page.goto(`${base}${list}`);
    const links = await page.locator("main a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    return links.find((href) => kind.test(href));
  };
  const incident = await first("/incidents", /^\/incidents\/\d+$/);
  const postmortem = await first("/postmortems", /^\/incidents\/\d+\/postmortem$/);
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  return { cookie, incident, postmortem };
}
