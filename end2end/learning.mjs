// From the resolved incident to what was learned: the postmortem, its paper, and a card in the team's backlog.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { answer, look, open, press } from "./steps.mjs";

const summary = "For 20 minutes **one payment in twenty** failed. The pool of `checkout-db` was full.";

/** Writes the postmortem of INC-1, publishes it, and finds its promise in the backlog. `awake`: there is JavaScript. */
export async function learn(page, base, { awake }) {
  await page.goto(`${base}/incidents/1`);
  await press(page, "Write the postmortem");
  await page.waitForURL("**/incidents/1/postmortem");
  await halfWritten(page);
  await look(page, "postmortem-draft");

  await section(page, "Summary", summary, { awake });
  assert.equal(await page.locator("#summary .prose strong").first().textContent(), "one payment in twenty");
  await section(page, "What went well", "The page came within a second, and the phone was enough.", { awake: false });
  await nameFactor(page);
  await promise(page);
  await look(page, "postmortem-written");
  await press(page, "Send to review");
  await answer(page, "Publish", "Publish it");
  await page.getByText("Published for everybody here.").waitFor();
  await onPaper(page);

  await page.goto(`${base}/teams/payments/backlog`);
  const card = page.locator(".promise", { hasText: "Alert when the pool is 80 % full" });
  await card.getByRole("link", { name: "INC-1" }).waitFor();
  await look(page, "backlog");
  const dialog = await open(page, "Move: ACT-1");
  await dialog.getByLabel("Column").selectOption({ label: "Doing" });
  await dialog.getByRole("button", { name: "Move", exact: true }).click();
  // One press: the column says what it is.
  await page.locator(".board-column", { hasText: "Doing" }).locator("#act-1").waitFor();
  for (const [path, name] of [
    ["/postmortems", "postmortems"],
    ["/action-items/1", "action-item"],
    ["/incidents/1/action-items", "action-items"],
    ["/backlog", "backlogs"],
    ["/on-call", "on-call"],
    ["/", "home-quiet"],
    ["/settings/services/checkout", "service"],
    ["/settings/teams/payments", "team"],
    ["/settings/mail", "mail"],
    ["/settings/profile", "profile"],
    ["/incidents/new", "open-incident"],
    ["/incidents?state=all", "incidents"],
  ]) {
    const answer = await page.goto(`${base}${path}`);
    assert.equal(answer.status(), 200, path);
    if (awake) await look(page, name);
  }
}

/** The document comes with what the timeline knows. */
async function halfWritten(page) {
  const text = await page.locator("article").innerText();
  for (const part of ["Mai Lind", "Checkout: error rate above 5 %", "We do not roll back", "one in twenty"]) {
    assert.ok(text.includes(part), `the document has no ${part}:\n${text}`);
  }
}

async function section(page, title, text, { awake }) {
  const dialog = await open(page, `: ${title}`);
  const field = dialog.getByLabel(title);
  await field.fill(text);
  if (awake) {
    await dialog.getByRole("button", { name: "Preview" }).click();
    await dialog.locator(".markdown-preview strong").getByText("one payment in twenty").waitFor();
    await dialog.getByRole("button", { name: "Preview" }).click();
  }
  await dialog.getByRole("button", { name: "Save" }).click();
}

async function nameFactor(page) {
  const dialog = await open(page, "Name a contributing factor");
  await dialog.getByLabel("Factor").fill("No alert before a limit is reached");
  await dialog.getByLabel("How it contributed here").fill("The pool filled for two hours and nobody could see it.");
  await dialog.getByRole("button", { name: "Name it" }).click();
  await page.getByRole("heading", { name: "No alert before a limit is reached" }).waitFor();
}

async function promise(page) {
  const dialog = await open(page, "Add an action item");
  await dialog.getByLabel("What is to be done?").fill("Alert when the pool is 80 % full");
  await dialog.getByLabel("What it does about the next time").selectOption("detect");
  await dialog.getByLabel("Owner").selectOption({ label: "Mai Lind" });
  await dialog.getByLabel("Due").fill("2099-12-31");
  await dialog.getByLabel("Contributing factor it answers").selectOption({ label: "No alert before a limit is reached" });
  await dialog.getByLabel("How will we know it worked?").fill("The alert comes an hour before the limit.");
  await dialog.getByRole("button", { name: "Add it" }).click();
  await page.locator(".promise", { hasText: "Alert when the pool is 80 % full" }).waitFor();
}

/** Printed, it is a clean document: what was written and what happened, without buttons and forms. */
async function onPaper(page) {
  const paper = await page.pdf({ format: "A4" });
  const text = execFileSync("pdftotext", ["-layout", "-", "-"], { input: paper, encoding: "utf8" });
  const flat = text.replace(/\s+/g, " ");
  for (const part of [
    "one payment in twenty",
    "The phone was enough".toLowerCase(),
    "No alert before a limit is reached",
    "Alert when the pool is 80 % full",
    "We do not roll back",
    "Mai Lind",
    "INC-1",
    "Contributing factors",
    "Timeline",
  ]) {
    assert.ok(flat.toLowerCase().includes(part.toLowerCase()), `the paper has no “${part}”:\n${text}`);
  }
  for (const part of ["Save", "Preview", "Write:", "Edit:", "Send to review", "Back to draft", "Change the title", "Log out"]) {
    assert.ok(!flat.includes(part), `the paper has the button “${part}”:\n${text}`);
  }
}
