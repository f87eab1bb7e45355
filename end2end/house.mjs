// A house that the tests of one file share.
import { after, before } from "node:test";
import { launch, visitor } from "./browser.mjs";
import { kintsugi } from "./kintsugi.mjs";
import { setUpHouse } from "./steps.mjs";

/** Set up before the tests of a file and ended after them. Mai comes in without logging in again. */
export function house(furnish = async () => {}) {
  const house = {
    async mai(options) {
      const person = await visitor(house.browser, options);
      await person.context.addCookies(house.cookies);
      return person;
    },
  };
  before(async () => {
    house.browser = await launch();
    house.server = await kintsugi();
    const { page, context } = await visitor(house.browser);
    await setUpHouse(page, house.server.base);
    await furnish(page, house.server.base);
    house.cookies = await context.cookies();
    await context.close();
  });
  after(async () => {
    await house.browser?.close();
    await house.server?.stop();
  });
  return house;
}
