// Debian's prometheus-alertmanager, told by its own amtool what fires.
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, freshFolder, start } from "./kintsugi.mjs";

const run = promisify(execFile);

/** An Alertmanager whose only receiver is the webhook at `url`: `{ fire, resolve, stop }`. */
export async function alertmanager(url) {
  const folder = freshFolder("alertmanager");
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const config = `
route:
  receiver: kintsugi
  group_by: [alertname, service]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: kintsugi
    webhook_configs:
      - url: ${url}
        send_resolved: true
`;
  writeFileSync(join(folder, "alertmanager.yml"), config);
  const args = [
    `--config.file=${join(folder, "alertmanager.yml")}`,
    `--storage.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ];
  const isReady = async () => (await fetch(`${address}/-/ready`).catch(() => undefined))?.ok;
  const running = await start("prometheus-alertmanager", args, { cwd: folder, isReady });

  const add = (labels, more) => {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    return run("amtool", ["alert", "add", `--alertmanager.url=${address}`, ...more, ...pairs]);
  };
  return {
    /** An alert with these labels fires. */
    fire: (labels, { summary, source }) => add(labels, [`--annotation=summary=${summary}`, `--generator-url=${source}`]),
    /** The same alert ends now. */
    resolve: (labels) => add(labels, [`--end=${new Date().toISOString()}`]),
    log: running.log,
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
