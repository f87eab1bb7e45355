// The room of an incident: who leads it, and who is asked to take it over.
import { awake } from "./browser.mjs";
import { open, openIncident } from "./steps.mjs";

export const commander = (page) => page.locator("#people .role").first();

/** Asks somebody to take the incident over. */
export async function handOver(page, to) {
  const dialog = await open(page, "Hand over");
  await dialog.getByLabel("Whom").selectOption({ label: to });
  await dialog.getByLabel("Why").fill("I have to sleep");
  await dialog.getByRole("button", { name: "Ask them" }).click();
  await page.locator("#handover").getByText(`${to} is asked to take it over.`).waitFor();
}

/** Ana and Bo in the room of a new incident of the company's, which Ana leads. */
export async function inTheRoom(here, title, prepare = async () => {}) {
  const [ana, bo] = [await here.comesAs("administrator"), await here.comesAs("responder")];
  await prepare(ana.page);
  const address = await openIncident(ana.page, here.server.base, title, "Card payments");
  await ana.page.goto(address);
  await awake(ana.page);
  await bo.page.goto(address);
  await awake(bo.page);
  await commander(ana.page).getByRole("button", { name: /^Take it/ }).click();
  await commander(ana.page).getByText(ana.name).waitFor();
  return { ana, bo, address };
}
