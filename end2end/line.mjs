// The line between a browser and the program, which a test can cut. (A browser that is told to be offline keeps the
// connections that it has.)
import { connect, createServer } from "node:net";

/** A way to the same program: `{ base, cut, mend, stop }`. While it is cut, nothing comes through. */
export async function line(to) {
  const target = new URL(to);
  const sockets = new Set();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(Number(target.port), "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => other.destroy());
      one.on("close", () => (sockets.delete(one), other.destroy()));
      one.pipe(other);
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const stop = async () => {
    cut();
    await new Promise((closed) => server.close(closed));
  };
  return { base: `http://localhost:${server.address().port}`, cut, mend: () => (isCut = false), stop };
}
