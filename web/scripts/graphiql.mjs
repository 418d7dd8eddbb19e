/** Puts GraphiQL, as its page at /graphql loads it, into dist/graphiql: whole files, no CDN. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const { parse, print, visit } = require("graphql");
const folder = (name) => dirname(require.resolve(`${name}/package.json`));

const web = join(import.meta.dirname, "..");
const target = join(web, "dist", "graphiql");

const packaged = [
  join(folder("react"), "umd", "react.production.min.js"),
  join(folder("react-dom"), "umd", "react-dom.production.min.js"),
  join(folder("graphiql"), "graphiql.min.js"),
  join(folder("graphiql"), "graphiql.min.css"),
];
const script = "walletgraph-graphiql.js";
const style = "walletgraph-graphiql.css";
const tabs = ["portfolio", "positions", "tokens", "history", "profit", "algorandAccount", "coverage"];
// Wallets that the sandbox knows, so that each of them shows data.
const wallet = "0xd470055c6189b921c4d44b3d277ad868f79c0f75";
const account = "O5QWY3DFORTXEYLQNAQGIZLNN45CA5DZOBUWGYLMFYXC4LROFYXKE2F6JA";
const variables = { addresses: [wallet], address: account };

/** An operation of `operations/` as a tab. GraphiQL's parser knows no descriptions of variables. */
async function example(name) {
  const text = await readFile(join(web, "..", "operations", `${name}.graphql`), "utf8");
  const [comment] = text.match(/^(#.*\n)+/);
  const plain = visit(parse(text), {
    VariableDefinition: (node) => ({ ...node, description: undefined }),
  });
  const [{ variableDefinitions }] = plain.definitions;
  const wanted = variableDefinitions.map(({ variable }) => variable.name.value);
  const given = Object.entries(variables).filter(([key]) => wanted.includes(key));
  return { query: `${comment}${print(plain)}\n`, variables: Object.fromEntries(given) };
}

await mkdir(target, { recursive: true });
for (const path of packaged) {
  const text = await readFile(path, "utf8");
  // The maps are not served, so naming them would only make browsers ask in vain.
  await writeFile(join(target, basename(path)), text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"));
}
const source = await readFile(join(web, "graphiql", script), "utf8");
const examples = JSON.stringify(await Promise.all(tabs.map(example)), null, 2);
await writeFile(join(target, script), source.replace('"__OPERATIONS__"', () => examples));
await copyFile(join(web, "graphiql", style), join(target, style));
