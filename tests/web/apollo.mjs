/** The client package with Apollo Client itself, in Node and in a page of another origin. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { browse, open, require, root, run, serve } from "./browser.mjs";

const vitePath = join(dirname(require.resolve("vite/package.json")), "dist", "node", "index.js");
const { createServer } = await import(pathToFileURL(vitePath));
const vite = await createServer({
  root: join(root, "web"),
  logLevel: "error",
  server: { host: "127.0.0.1", port: 0, hmr: false },
  optimizeDeps: { include: ["@apollo/client", "@apollo/client/link/persisted-queries"] },
});
await vite.listen();
const origin = `http://127.0.0.1:${vite.httpServer.address().port}`;

const { checks } = await vite.ssrLoadModule("/tests/apollo.ts");
const inNode = checks((await serve()).url);
const inPage = await serve();
const browser = await browse();
const { page, complaints } = await open(browser.context, origin, inPage.url);
await page.goto(`${origin}/tests/apollo.html`);

const both = {};
for (const [name, check] of Object.entries(inNode)) {
  both[`in Node: ${name}`] = check;
  both[`in a browser: ${name}`] = async () => {
    const problem = await page.evaluate(
      async ([url, wanted]) => {
        const module = await import("/tests/apollo.ts");
        return module.checks(url)[wanted]().then(
          () => null,
          (error) => String(error),
        );
      },
      [inPage.url, name],
    );
    assert.equal(problem, null);
  };
}

await run(
  {
    ...both,
    async "leaves the browser nothing to complain of"() {
      assert.deepEqual(complaints, []);
    },
  },
  async () => {
    await browser.close();
    await vite.close();
  },
);
