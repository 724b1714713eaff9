// An esbuild plugin: style sheets become minified texts, and templates lose the spaces that only the sources need.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { transform } from "esbuild";

export const smallTexts = {
  name: "small-texts",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, sourcefile: path });
      return { contents: code.trim(), loader: "text" };
    });
    build.onLoad({ filter: /[\\/]src[\\/]views[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replace(/\n\s*/g, "\n"), loader: extname(path).slice(1) };
    });
  },
};
