// The program itself, as it is shipped: the binary at KINTSUGI_BIN with a fresh data folder, on a free port of loopback.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A port of loopback that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

export function freshFolder(name) {
  return mkdtempSync(join(tmpdir(), `kintsugi-${name}-`));
}

/** Starts a program and waits until `isReady()` says so; it ends with `stop()`. */
export async function start(command, args, { env = {}, cwd, isReady }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  let ended = false;
  const over = new Promise((done) => child.once("close", done)).then(() => (ended = true));
  child.once("error", (error) => (log += error));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (log += part));
  const running = { log: () => log, stop: async () => (child.kill("SIGTERM"), await over) };
  await until(async () => {
    assert.ok(!ended, `${command} ended at once:\n${log}`);
    return isReady(log);
  }, `${command} is ready`);
  return running;
}

/** Asks again and again until the answer is yes. */
export async function until(condition, what, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    assert.ok(Date.now() < end, `waited ${seconds} s in vain: ${what}`);
    await new Promise((pass) => setTimeout(pass, 50));
  }
}

function kintsugiPath() {
  const binary = process.env.KINTSUGI_BIN;
  assert.ok(binary && existsSync(binary), "set KINTSUGI_BIN to the kintsugi binary");
  return binary;
}

/** The demo, with the company moved in: `{ base, log, stop }`. */
export async function demo(env = {}, ...wishes) {
  const port = await freePort();
  const args = ["demo", "--listen", `127.0.0.1:${port}`, ...wishes];
  const running = await start(kintsugiPath(), args, { env, isReady: (log) => log.includes("Kintsugi listens on") });
  return { base: `http://localhost:${port}`, ...running };
}

/** A Kintsugi that nobody has set up yet: `{ base, log, stop, goAway, comeBack }`. */
export async function kintsugi({ smtpUrl } = {}) {
  const binary = kintsugiPath();
  const folder = freshFolder("data");
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const env = {
    KINTSUGI_LISTEN: `127.0.0.1:${port}`,
    KINTSUGI_BASE_URL: base,
    KINTSUGI_DATABASE_URL: `sqlite://${join(folder, "kintsugi.db")}`,
    KINTSUGI_SMTP_URL: smtpUrl ?? "",
    KINTSUGI_MAIL_FROM: "Kintsugi <kintsugi@example.test>",
  };
  const serve = () => start(binary, ["serve"], { env, cwd: folder, isReady: (log) => log.includes("Kintsugi listens on") });
  let running = await serve();
  const stop = async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    base,
    log: () => running.log(),
    stop,
    /** Ended for a while; what it knows stays. */
    goAway: () => running.stop(),
    comeBack: async () => (running = await serve()),
  };
}
