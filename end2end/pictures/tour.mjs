// A loop of under twenty seconds: home, the incident moving, a postmortem, the backlog, who is on call.
import sharp from "sharp";
import { settled } from "../browser.mjs";

const FRAME = { width: 1440, height: 900 };
const SHOWN = 960;
const LONGEST = 20_000;

/** Films the pages and gives back an animated WebP. */
export async function film({ person: page, base }) {
  const frames = [];
  const hold = async (milliseconds) => {
    await settled(page);
    frames.push({ picture: await page.screenshot(), milliseconds });
  };
  const scroll = async (times, by, milliseconds) => {
    for (let time = 0; time < times; time += 1) {
      await page.mouse.wheel(0, by);
      await page.evaluate(() => new Promise(requestAnimationFrame));
      await hold(milliseconds);
    }
  };

  await page.setViewportSize(FRAME);
  await page.goto(`${base}/`);
  await hold(2200);

  await page.goto(`${base}/incidents`);
  await page.getByRole("link", { name: "18 % of cards" }).first().click();
  await page.waitForLoadState();
  await hold(1800);
  // What takes minutes stands still for a second each.
  for (let change = 0; change < 4; change += 1) {
    await moved(page);
    await hold(1100);
  }

  await page.goto(`${base}/postmortems`);
  await page.getByRole("link", { name: "How we lost the orders database" }).first().click();
  await page.waitForLoadState();
  await hold(1800);
  await scroll(3, 420, 900);

  await page.goto(`${base}/teams/platform/backlog`);
  await hold(2400);
  await page.goto(`${base}/on-call`);
  await hold(2400);
  return put(frames);
}

/** Waits until the live timeline has changed. */
async function moved(page) {
  const before = await page.locator("main").innerText();
  await page.waitForFunction((text) => document.querySelector("main").innerText.length !== text.length, before, {
    timeout: 90_000,
    polling: 1000,
  });
}

async function put(frames) {
  const whole = frames.reduce((sum, frame) => sum + frame.milliseconds, 0);
  if (whole > LONGEST) throw new Error(`the tour lasts ${whole} ms`);
  const pictures = await Promise.all(frames.map(({ picture }) => sharp(picture).resize(SHOWN).png().toBuffer()));
  const delay = frames.map((frame) => frame.milliseconds);
  return sharp(pictures, { join: { animated: true } }).webp({ quality: 72, effort: 6, delay, loop: 0 }).toBuffer();
}
