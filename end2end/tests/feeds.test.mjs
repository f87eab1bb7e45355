// The calendars to subscribe to, read by programs that others wrote: PyPI's icalendar and recurring-ical-events. What they find is what
// `kintsugi oncall preview` says of the same schedules.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { demo } from "../kintsugi.mjs";

const python = process.env.KINTSUGI_PYTHON;
const skip = python ? false : "no Python with icalendar and recurring-ical-events: KINTSUGI_PYTHON names one";
const DAY = 24 * 60 * 60 * 1000;
/** What a calendar shows around now (docs/on-call.md), and how far the end of a turn is looked for. */
const [BACK, AHEAD, BEYOND] = [30, 180, 280];

let company;
let cookie;

before(async () => {
  if (skip) return;
  company = await demo({}, "--seed", "1");
  const answer = await fetch(`${company.base}/demo-log-in/responder`, { method: "POST", redirect: "manual" });
  cookie = answer.headers.getSetCookie().map((set) => set.split(";")[0]).join("; ");
});

after(() => company?.stop());

async function page(path, form) {
  const sent = form && { method: "POST", body: new URLSearchParams(form) };
  const answer = await fetch(company.base + path, { ...sent, headers: { cookie } });
  assert.equal(answer.status, 200, path);
  return answer.text();
}

function run(program, args, input) {
  const done = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  assert.equal(done.status, 0, `${program}: ${done.stderr || done.error}`);
  return JSON.parse(done.stdout);
}

const iso = (at) => new Date(at).toISOString().replace(/\.\d+/, "");

/** The calendar at a new address of this, as the other programs read it. */
async function read(of) {
  const made = await page("/on-call/calendars", { of });
  const address = made.match(/https?:\/\/[^"<\s]+\.ics/)[0];
  const answer = await fetch(address);
  assert.match(answer.headers.get("content-type"), /^text\/calendar/);
  const now = Date.now();
  const asked = { calendar: await answer.text(), from: iso(now - 365 * DAY), to: iso(now + 365 * DAY) };
  const script = fileURLToPath(new URL("../calendars/read.py", import.meta.url));
  const found = run(python, [script], JSON.stringify(asked));
  const written = asked.calendar.match(/^BEGIN:VEVENT/gm)?.length ?? 0;
  assert.equal(found.length, written, "every event happens once in the year");
  return { found, now };
}

/** All turns of a schedule around now, as the program says them of the schedule's file. */
async function previewed({ id }, now) {
  const file = await page(`/settings/schedules/${id}/schedule.json`);
  const args = ["oncall", "preview", "-", "--json", "--from", iso(now - (BACK + 120) * DAY), "--to", iso(now + (BEYOND + 90) * DAY)];
  return run(process.env.KINTSUGI_BIN, args, file);
}

/** Those that somebody has and that a calendar shows, from … to. An end that nobody looks for is left open. */
function shown(turns, now) {
  const [first, last, looked] = [now - BACK * DAY, now + AHEAD * DAY, now + BEYOND * DAY];
  const within = turns.filter(({ from, to }) => Date.parse(to) > first && Date.parse(from) < last);
  return within.map(({ from, to, who }) => ({ from: iso(from), to: Date.parse(to) > looked ? "open" : iso(to), who }));
}

/** What is said of the same people without a hole between is one. */
function joined(turns) {
  const all = [];
  for (const turn of [...turns].sort((one, other) => Date.parse(one.from) - Date.parse(other.from))) {
    const before = all.at(-1);
    if (before && before.who === turn.who && Date.parse(before.to) === Date.parse(turn.from)) before.to = turn.to;
    else all.push({ ...turn });
  }
  return all;
}

async function schedules() {
  const made = await page("/settings/schedules");
  const rows = [...made.matchAll(/href="\/settings\/schedules\/([0-9a-f-]{36})"[^>]*>(.*?)<\/li>/gs)];
  const words = (html) => html.replace(/<!--.*?-->|<!>/gs, "").split(/<[^>]*>/).map((part) => part.trim()).filter(Boolean);
  return rows.map(([, id, html]) => {
    const [name, under] = words(html);
    return { id, name, team: under.split(", ")[0] };
  });
}

const NOBODY = "nobody";
const whoOf = (people) => (people.length ? [...people].sort().join(", ") : NOBODY);

/** Of each schedule: from, to and who. */
function ofEvents(found, { name }) {
  const ours = found.filter(({ summary }) => summary.startsWith(`${name}: `));
  return ours.map(({ summary, from, to }) => {
    const who = summary.slice(name.length + 2).replace(/ \(override\)$/, "");
    return { from, to, who: whoOf(who.split(", ")) };
  });
}

async function expected(schedule, now) {
  const turns = await previewed(schedule, now);
  const told = turns.map(({ from, to, people }) => ({ from, to, who: whoOf(people) }));
  return shown(joined(told).filter(({ who }) => who !== NOBODY), now);
}

test("a schedule's and a team's calendar say who has the pager when, as the preview does", { skip }, async () => {
  const all = await schedules();
  assert.ok(all.length > 2, JSON.stringify(all));
  for (const schedule of all) {
    const { found, now } = await read(`schedule:${schedule.id}`);
    const events = ofEvents(found, schedule);
    assert.equal(events.length, found.length, "all are of this schedule");
    assert.deepEqual(shown(joined(events), now), await expected(schedule, now), schedule.name);
  }
  const choices = await page("/on-call/calendars");
  const teams = [...choices.matchAll(/value="(team:[0-9a-f-]{36})"[^>]*>All schedules of ([^<]*)</g)];
  assert.ok(teams.length > 1, "teams to choose");
  let total = 0;
  for (const [, of, team] of teams) {
    const ours = all.filter((schedule) => schedule.team === team);
    const { found, now } = await read(of);
    let count = 0;
    for (const schedule of ours) {
      const events = ofEvents(found, schedule);
      count += events.length;
      assert.deepEqual(shown(joined(events), now), await expected(schedule, now), `${team}: ${schedule.name}`);
    }
    assert.equal(found.length, count, `${team}: nothing else is in it`);
    total += count;
  }
  assert.ok(total > 20, `${total} turns`);
});

test("a person's calendar says when they have the pager, as the preview does", { skip }, async () => {
  const profile = await page("/settings/profile");
  const field = profile.match(/<input[^>]*\bname="name"[^>]*>/)[0];
  const name = field.match(/\bvalue="([^"]*)"/)[1];
  const { found, now } = await read("me");
  const theirs = [];
  for (const schedule of await schedules()) {
    const turns = await previewed(schedule, now);
    const told = turns.map(({ from, to, people }) => ({ from, to, who: people.includes(name) ? name : NOBODY }));
    const mine = shown(joined(told).filter(({ who }) => who === name), now);
    theirs.push(...mine.map(({ from, to }) => ({ from, to, who: `On call: ${schedule.name}` })));
  }
  const events = shown(found.map(({ summary, from, to }) => ({ from, to, who: summary })), now);
  const inOrder = (turns) => turns.map(({ from, to, who }) => `${from} ${to} ${who}`).sort();
  assert.ok(events.length > 0, `${name} has turns`);
  assert.deepEqual(inOrder(events), inOrder(theirs));
});
