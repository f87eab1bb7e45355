// The page of all components, served with the strict Content-Security-Policy and whatever else a test answers.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const root = new URL("../", import.meta.url);
const policy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'";
const types = { js: "text/javascript", css: "text/css", wasm: "application/wasm", woff2: "font/woff2", svg: "image/svg+xml" };

/** `{ address, stop }`; `answer(request, response, url)` says whether it took a request that is for no asset. */
export async function serveDesign(answer = () => false) {
  // The whole test run has built it already; by itself it is built with other features, which takes minutes.
  const built = process.env.KINTSUGI_DESIGN;
  const [program, words] = built ? [built, []] : ["cargo", ["run", "--quiet", "--package", "app", "--example", "design"]];
  const page = execFileSync(program, words, { cwd: root, encoding: "utf8" });
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://test");
    response.setHeader("content-security-policy", policy);
    if (url.pathname === "/design") {
      response.setHeader("content-type", "text/html; charset=utf-8").end(page);
    } else if (!answer(request, response, url)) {
      try {
        const name = url.pathname.replace("/assets/", "").replace("/", "");
        response.setHeader("content-type", types[name.split(".").at(-1)]);
        response.end(readFileSync(new URL(`target/site/${name}`, root)));
      } catch {
        response.writeHead(404).end();
      }
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `http://127.0.0.1:${server.address().port}/design`, stop };
}
