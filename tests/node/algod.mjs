// Asks an algod what an account's owner would, through the official JavaScript SDK, and prints it.
// node algod.mjs URL ACCOUNT CREATOR ASSET MISSING_ASSET ROUND
import algosdk from "algosdk";

const [url, account, creator, asset, missing, round] = process.argv.slice(2);
const { protocol, hostname, port } = new URL(url);
const algod = new algosdk.Algodv2("", `${protocol}//${hostname}`, port);

const results = {};
const told = (value) =>
  JSON.parse(
    algosdk.stringifyJSON(value, (_, each) => {
      if (each instanceof Uint8Array) return Buffer.from(each).toString("base64");
      return each instanceof Map ? Object.fromEntries(each) : each;
    }),
  );
const plain = (value) => algosdk.encodeJSON(value);

// Each answer is kept as JSON text, whose numbers may be larger than this language's.
async function ask(name, request, shown = plain) {
  try {
    results[name] = shown(await request.do()) ?? "null";
  } catch (error) {
    results[name] = JSON.stringify({ error: error.message });
  }
}
const json = (value) => (value === undefined ? "null" : JSON.stringify(told(value)));

await ask("account", algod.accountInformation(account));
await ask("brief", algod.accountInformation(account).exclude("all"));
await ask("asset", algod.getAssetByID(BigInt(asset)));
await ask("held", algod.accountAssetInformation(account, BigInt(asset)));
await ask("created", algod.accountAssetInformation(creator, BigInt(asset)));
await ask("notHeld", algod.accountAssetInformation(account, BigInt(missing)));
await ask("noAsset", algod.getAssetByID(BigInt(missing)));
await ask("params", algod.getTransactionParams(), json);
await ask("genesis", algod.genesis(), (text) => text);
await ask("supply", algod.supply());
await ask("status", algod.status());
await ask("waited", algod.statusAfterBlock(BigInt(round) - 1n));
await ask("next", algod.statusAfterBlock(BigInt(round)));
await ask("block", algod.block(BigInt(round)));
await ask("header", algod.block(BigInt(round)).headerOnly(true));
await ask("genesisBlock", algod.block(0n));
await ask("noBlock", algod.block(BigInt(round) + 1n));
await ask("blockHash", algod.getBlockHash(BigInt(round)));
await ask("blockTxids", algod.getBlockTxids(BigInt(round)));
await ask("versions", algod.versionsCheck());
await ask("health", algod.healthCheck(), json);
await ask("ready", algod.ready(), json);
await ask("pending", algod.pendingTransactionsInformation());
await ask("pendingOfAccount", algod.pendingTransactionByAddress(account));
await ask("noApplication", algod.getApplicationByID(7n));
await ask("applications", algod.accountApplicationsInformation(account));
await ask("boxes", algod.getApplicationBoxes(7n));
await ask("noBox", algod.getApplicationBoxByName(7n, new Uint8Array(8)));

const pages = [];
let next;
do {
  const request = algod.accountAssetsInformation(account).limit(7);
  const page = await (next === undefined ? request : request.next(next)).do();
  pages.push(page.assetHoldings.map((row) => String(row.assetHolding.assetId)));
  next = page.nextToken;
} while (next !== undefined);

results.pages = JSON.stringify(pages);

console.log(JSON.stringify(results));
