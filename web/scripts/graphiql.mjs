/** Puts GraphiQL, as its page at /graphql loads it, into dist/graphiql: whole files, no CDN. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const folder = (name) => dirname(require.resolve(`${name}/package.json`));

const web = join(import.meta.dirname, "..");
const target = join(web, "dist", "graphiql");

const packaged = [
  join(folder("react"), "umd", "react.production.min.js"),
  join(folder("react-dom"), "umd", "react-dom.production.min.js"),
  join(folder("graphiql"), "graphiql.min.js"),
  join(folder("graphiql"), "graphiql.min.css"),
];
const own = ["walletgraph-graphiql.js", "walletgraph-graphiql.css"];

await mkdir(target, { recursive: true });
for (const path of packaged) {
  const text = await readFile(path, "utf8");
  // The maps are not served, so naming them would only make browsers ask in vain.
  await writeFile(join(target, basename(path)), text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"));
}
for (const name of own) {
  await copyFile(join(web, "graphiql", name), join(target, name));
}
