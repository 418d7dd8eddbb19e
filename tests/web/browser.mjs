/** What the scripts in this folder share: the server, the browser, and words for what they see. */
import { spawn } from "node:child_process";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");
export const require = createRequire(join(root, "web", "package.json"));
export const artifacts = join(root, "artifacts");

const { chromium } = require("playwright-core");
const walletgraph = process.env.WALLETGRAPH ?? join(root, ".venv", "bin", "walletgraph");
const children = new Set();

/** A port nobody listens on at this moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function start(args, environment, isUp) {
  const child = spawn(walletgraph, args, {
    cwd: root,
    env: { PATH: process.env.PATH, DRAIN_SECONDS: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Error(`The server ended at once:\n${output}`);
    if (await isUp().catch(() => false)) return child;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The server did not start in 30 s:\n${output}`);
}

/** Ends a process that `serve` or `sandbox` started, and waits until it is gone. */
export async function stop(child) {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** Starts the real server; `url` is its origin. */
export async function serve(environment = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = { HOST: "127.0.0.1", PORT: String(port), ...environment };
  const child = await start(["serve"], settings, async () => (await fetch(`${url}/health/live`)).ok);
  return { url, child };
}

/** The environment that makes a server ask a sandbox process as if it were the real services. */
export function asking(sandboxUrl, environment = {}) {
  return {
    UPSTREAMS: "live",
    ONEINCH_URL: sandboxUrl,
    ONEINCH_API_KEY: "sandbox",
    ONEINCH_RPS: "1000",
    ALGOD_URL: sandboxUrl,
    ALGOD_RPS: "1000",
    PORTFOLIO_TTL_SECONDS: "0",
    ALGORAND_TTL_SECONDS: "0",
    STALE_SECONDS: "0",
    ...environment,
  };
}

/** Asks the graph directly, as a check on what a page shows. */
export async function ask(url, query, variables) {
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}

/** Starts both upstreams, played, as a process of their own on one port. */
export async function sandbox(port) {
  port ??= await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await start(["sandbox", "--port", String(port)], {}, async () =>
    (await fetch(`${url}/health`)).ok,
  );
  return { url, port, child };
}

/** Opens the browser with an empty profile; `close()` ends it and removes the profile. */
export async function browse() {
  const profile = await mkdtemp(join(tmpdir(), "walletgraph-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM,
    headless: true,
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  context.setDefaultTimeout(10_000);
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** A picture of one pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/**
 * A page that lets nothing out but to these origins. `foreign` collects what it tried to reach
 * beside them, `pictures` the requests for pictures, which get one of a pixel, and `complaints`
 * every console error, broken policy and uncaught exception.
 */
export async function open(context, ...origins) {
  const page = await context.newPage();
  const foreign = [];
  const pictures = [];
  const complaints = [];
  await page.route("**/*", (route) => {
    const url = route.request().url();
    const isOwn = origins.some((origin) => url.startsWith(`${origin}/`));
    if (isOwn || url.startsWith("data:")) return route.fallback();
    if (url.startsWith("https://") && route.request().resourceType() === "image") {
      pictures.push(route.request());
      return route.fulfill({ contentType: "image/png", body: PIXEL });
    }
    foreign.push(url);
    return route.abort();
  });
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, foreign, pictures, complaints };
}

/** A screenshot in `artifacts/`, which is not committed. */
export async function shoot(page, name, options = {}) {
  await mkdir(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`), ...options });
}

/**
 * Runs the checks in turn, prints each with its time, and ends with all that was started; the exit
 * code tells whether every check held.
 */
export async function run(checks, finish = async () => {}) {
  let failed = 0;
  try {
    for (const [name, check] of Object.entries(checks)) {
      const started = performance.now();
      const problem = await check().then(
        () => null,
        (error) => error,
      );
      const spent = `${Math.round(performance.now() - started)} ms`;
      console.log(problem ? `FAILED ${name} (${spent})\n${problem.stack}` : `ok ${name} (${spent})`);
      failed += problem ? 1 : 0;
    }
  } finally {
    await finish();
    await Promise.all([...children].map(stop));
  }
  process.exit(failed ? 1 : 0);
}
