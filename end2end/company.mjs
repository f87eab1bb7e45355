// The demo's company, which the tests of one file share, and whoever comes to it.
import { after, before } from "node:test";
import { launch, visitor } from "./browser.mjs";
import { demo } from "./kintsugi.mjs";

/** Started before the tests of a file and ended after them. */
export function company() {
  const company = {
    /** Somebody who is let in as this role; `name` is theirs. */
    async comesAs(role, options) {
      const person = await visitor(company.browser, options);
      const { base } = company.server;
      await person.page.goto(base);
      await person.page.locator(`form[action="/demo-log-in/${role}"] button`).click();
      await person.page.waitForURL((url) => url.pathname !== "/login");
      await person.page.goto(`${base}/settings/profile`);
      person.name = await person.page.getByLabel("Name", { exact: true }).inputValue();
      return person;
    },
  };
  before(async () => {
    company.browser = await launch();
    company.server = await demo({}, "--seed", "1");
  });
  after(async () => {
    await company.browser?.close();
    await company.server?.stop();
  });
  return company;
}
