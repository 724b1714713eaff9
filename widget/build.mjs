// Builds dist/: the bundle under a name with its hash, the manifest that names it, and the licences of what is in it.
// `--check` builds in memory only and fails when dist/ holds anything else.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { smallTexts } from "./small-texts.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, "dist");
const MOST_KB = 45;

const files = await built();
const bundle = [...files].find(([name]) => name.endsWith(".js"));
const kb = gzipSync(bundle[1], { level: 9 }).length / 1024;
if (kb > MOST_KB) fail(`The bundle has ${kb.toFixed(1)} KB (gzip); it may have ${MOST_KB} KB.`);
if (process.argv.includes("--check")) await check(files);
else await write(files);
console.log(`dist/${bundle[0]}: ${kb.toFixed(1)} KB (gzip).`);

/** Returns all files of dist/ by name. */
async function built() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: HERE,
    entryPoints: { bundle: "src/index.ts" },
    outdir: "dist",
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    plugins: [smallTexts],
  });
  const script = Buffer.from(`/*! Licences: LICENSES.txt beside manifest.json */\n${outputFiles[0].text}`);
  const name = `assets/isobot-chat-${createHash("sha256").update(script).digest("hex").slice(0, 12)}.js`;
  return new Map([
    [name, script],
    ["manifest.json", Buffer.from(`${JSON.stringify({ "chat.js": name }, null, 2)}\n`)],
    ["LICENSES.txt", Buffer.from(await licences(Object.keys(metafile.inputs)))],
  ]);
}

/** Returns the licence of each package that is in the bundle, and the legal comments of its files. */
async function licences(inputs) {
  const names = new Set(inputs.map((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean));
  const parts = [...names].sort().map(async (name) => {
    const folder = join(HERE, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const texts = (await readdir(folder)).filter((file) => /^licen[cs]e/i.test(file)).sort();
    if (texts.length === 0) fail(`${name} has no licence file.`);
    const text = await Promise.all(texts.map((file) => readFile(join(folder, file), "utf8")));
    const comments = await legalComments(inputs.filter((path) => path.includes(`node_modules/${name}/`)));
    return [`${name} ${version} (${license})`, ...comments, ...text].map((part) => part.replace(/\r/g, "").trim()).join("\n\n");
  });
  return `The licences of what is in the chat widget's bundle.\n\n${(await Promise.all(parts)).join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** Returns the different legal comments in files. */
async function legalComments(paths) {
  const sources = await Promise.all(paths.sort().map((path) => readFile(join(HERE, path), "utf8")));
  return [...new Set(sources.flatMap((source) => source.match(/\/\*[*!][^]*?\*\//g) ?? []))].filter((comment) =>
    /^\/\*!|@license|@preserve/.test(comment),
  );
}

async function write(files) {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(join(DIST, "assets"), { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(DIST, name), bytes);
}

async function check(files) {
  const entries = await readdir(DIST, { recursive: true, withFileTypes: true }).catch(() => []);
  const there = entries.filter((entry) => entry.isFile()).length;
  const same = await Promise.all(
    [...files].map(async ([name, bytes]) => bytes.equals(await readFile(join(DIST, name)).catch(() => Buffer.alloc(0)))),
  );
  if (there !== files.size || same.includes(false)) {
    fail("widget/dist is not what the sources give: run `npm ci && npm run build` in widget/ and commit dist.");
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
