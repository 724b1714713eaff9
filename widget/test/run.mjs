// Runs the tests: bundles each with the sources it imports, so that Node can read them, and hands them to node --test.
import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { smallTexts } from "../small-texts.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const BUILT = join(HERE, "..", ".tests");

const tests = (await readdir(HERE)).filter((name) => name.endsWith(".test.mjs")).sort();
await rm(BUILT, { recursive: true, force: true });
await build({
  absWorkingDir: HERE,
  entryPoints: tests,
  outdir: BUILT,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
  plugins: [smallTexts],
});
const files = tests.map((name) => join(BUILT, name));
const options = ["--enable-source-maps", "--import", pathToFileURL(join(HERE, "page.mjs")).href, "--test"];
process.exit(spawnSync(process.execPath, [...options, ...files], { stdio: "inherit" }).status ?? 1);
