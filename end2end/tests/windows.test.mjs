// The pages in windows of any size, on paper and by the keyboard: one left edge, low windows that keep room for the page, nothing to
// press in print, and the way to what is next.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, visitor } from "../browser.mjs";
import { demo } from "../kintsugi.mjs";
import { press } from "../steps.mjs";

let browser;
let company;
let cookies;
/** Addresses by what they show. */
const at = {};

before(async () => {
  company = await demo({}, "--seed", "1");
  browser = await launch();
  const { page, context } = await visitor(browser);
  await page.goto(company.base);
  await press(page, "Come in as an administrator");
  await page.waitForURL(`${company.base}/`);
  const first = async (from, pattern) => {
    await page.goto(`${company.base}${from}`);
    const links = await page.locator("main a[href]").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    const link = links.find((href) => pattern.test(href));
    assert.ok(link, `${from} leads to ${pattern}`);
    return link;
  };
  at.incident = await first("/incidents", /^\/incidents\/\d+$/);
  at.postmortem = await first("/postmortems", /^\/incidents\/\d+\/postmortem/);
  at.board = await first("/backlog", /^\/teams\/[^/]+\/backlog/);
  at.promise = await first("/learning", /^\/action-items\/\d+/);
  at.factor = await first("/learning", /^\/learning\/factors\//);
  at.schedule = await first("/settings/schedules", /^\/settings\/schedules\/[0-9a-f-]{36}$/);
  at.calendar = `/on-call/calendar?schedule=${at.schedule.split("/").pop()}`;
  at.policy = await first("/settings/policies", /^\/settings\/policies\/[0-9a-f-]{36}$/);
  at.team = await first("/settings/teams", /^\/settings\/teams\/[^/]+$/);
  at.load = at.team.replace("/settings", "") + "/load";
  at.service = await first(at.team, /^\/settings\/services\/[^/]+$/);
  at.person = await first("/settings/people", /^\/settings\/people\/[0-9a-f-]{36}$/);
  at.mail = await first("/mail", /^\/mail\//);
  cookies = await context.cookies();
  await context.close();
});

after(async () => {
  await browser?.close();
  await company?.stop();
});

async function administrator(options) {
  const person = await visitor(browser, options);
  await person.context.addCookies(cookies);
  return person;
}

const everyPage = () => [
  "/",
  "/incidents?state=all",
  "/incidents/new",
  at.incident,
  "/postmortems",
  at.postmortem,
  "/backlog",
  at.board,
  at.promise,
  "/on-call",
  "/on-call/calendar",
  "/on-call/readiness",
  "/on-call/away",
  "/on-call/absence",
  "/settings",
  "/settings/schedules",
  at.schedule,
  `${at.schedule}/edit`,
  at.calendar,
  "/settings/policies",
  at.policy,
  "/settings/teams",
  at.team,
  at.service,
  "/settings/people",
  at.person,
  "/settings/profile",
  "/settings/mail",
  "/settings/audit",
  "/learning",
  "/learning/behind/took.resolve.known",
  "/learning/behind/hour.3?days=180",
  at.factor,
  "/mail",
  at.mail,
  "/find?q=pay",
  "/shortcuts",
  "/nothing/here",
];

test("every page begins at one left edge, and so does the bar", async () => {
  const { page, context } = await administrator();
  for (const width of [1280, 1440, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    const edges = {};
    for (const address of everyPage()) {
      await page.goto(`${company.base}${address}`);
      const [main, bar] = await page.evaluate(() => {
        const left = (element) => element.getBoundingClientRect().left;
        const seen = [...document.querySelectorAll("main *")].filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1);
        return [Math.min(...seen.map(left)), left(document.querySelector(".brand"))].map((edge) => Math.round(edge));
      });
      assert.equal(main, bar, `${address} in a window of ${width}`);
      (edges[main] ??= []).push(address);
    }
    assert.equal(Object.keys(edges).length, 1, JSON.stringify(edges));
  }
  await context.close();
});

/** How much of the window is taken by what stays while one scrolls, from 0 to 1. */
const pinned = () => {
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const stays = [...document.querySelectorAll("body *")].filter((element) => ["fixed", "sticky"].includes(getComputedStyle(element).position));
  const boxes = stays
    .flatMap((element) => [element, ...element.querySelectorAll("*")])
    .filter(isSeen)
    .map((element) => element.getBoundingClientRect())
    .filter(({ width, left, right }) => width > 1 && left < innerWidth && right > 0);
  let rows = 0;
  for (let y = 0; y < innerHeight; y++) if (boxes.some(({ top, bottom }) => top <= y && y < bottom)) rows++;
  return rows / innerHeight;
};

test("at twice the size of everything, less than a fifth of the window is pinned", async () => {
  const { page, context } = await administrator({ width: 640, height: 360, deviceScaleFactor: 2 });
  for (const address of everyPage()) {
    await page.goto(`${company.base}${address}`);
    for (const down of [0, 250, 100_000]) {
      await page.evaluate(async (down) => {
        scrollTo(0, down);
        await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
      }, down);
      const share = await page.evaluate(pinned);
      assert.ok(share < 0.2, `${address} ${down} px down: ${Math.round(share * 100)} % of the window stay`);
    }
  }
  await context.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`on paper there is nothing to press, and all is within its width, from a ${colorScheme} screen`, async () => {
    // What is left of A4 between margins of 12 mm.
    const { page, context } = await administrator({ width: 703, height: 1000, colorScheme });
    await page.emulateMedia({ media: "print" });
    for (const address of [at.incident, at.postmortem, at.schedule, at.calendar, "/on-call", "/on-call/calendar", at.team, at.load, at.board, at.promise, "/learning", at.factor]) {
      await page.goto(`${company.base}${address}`);
      const found = await page.evaluate(() => {
        const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && element.getBoundingClientRect().width > 1;
        const words = (element) => `${element.localName}.${element.getAttribute("class")} ${element.textContent.trim().slice(0, 40)}`;
        const toPress = [...document.querySelectorAll("button, .button, nav, form, input, select, textarea, .banner, .bar")];
        const main = [...document.querySelectorAll("main *")].filter(isSeen);
        // Within a picture of shifts each bar cuts its own words.
        const isCut = (element) => !element.closest("svg") && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "visible";
        const { color, backgroundColor } = getComputedStyle(document.querySelector("main"));
        return {
          toPress: toPress.filter(isSeen).map(words),
          beyond: main.filter((element) => !element.closest("svg svg") && element.getBoundingClientRect().right > innerWidth + 1).map(words),
          cut: main.filter((element) => element.clientWidth > 0 && isCut(element)).map(words),
          ink: color,
          ground: [backgroundColor, getComputedStyle(document.documentElement).backgroundColor].find((ground) => ground !== "rgba(0, 0, 0, 0)"),
        };
      });
      assert.deepEqual(found, { toPress: [], beyond: [], cut: [], ink: "rgb(0, 0, 0)", ground: "rgb(255, 255, 255)" }, address);
    }
    await context.close();
  });
}

test("where what is next does not come first, a keyboard is led to it", async () => {
  const { page, context } = await administrator();
  for (const [address, expected] of [
    [at.postmortem, "#state .primary"],
    [at.schedule, "a.button"],
    [at.promise, "[name=state]"],
  ]) {
    await page.goto(`${company.base}${address}`);
    const link = page.getByRole("link", { name: "Skip to what is next" });
    for (let tabs = 1; !(await link.evaluate((link) => link === document.activeElement)); tabs += 1) {
      assert.ok(tabs < 3, address);
      await page.keyboard.press("Tab");
    }
    await accessible(page);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const focused = await page.evaluate((expected) => [document.activeElement.matches(expected), document.activeElement.outerHTML], expected);
    assert.ok(focused[0], `${address}: ${focused[1]}`);
  }
  await context.close();
});
