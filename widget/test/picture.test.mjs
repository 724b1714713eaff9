// A reply's drawing, also where somebody means harm with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pictureOf } from "../src/picture.ts";

const named = (words) => words || "A drawing";

test("a drawing keeps its shapes and is named by its own words", () => {
  const drawing = pictureOf(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" aria-labelledby="t"><title id="t">So far</title><desc>70 mg/kg</desc><rect width="9" height="9" fill="currentColor" fill-opacity="0.2"/></svg>',
    named,
  );
  assert.equal(drawing.getAttribute("role"), "img");
  assert.equal(drawing.getAttribute("aria-label"), "So far. 70 mg/kg");
  assert.equal(drawing.hasAttribute("aria-labelledby"), false);
  assert.equal(drawing.getAttribute("viewBox"), "0 0 9 9");
  assert.equal(drawing.querySelector("rect").getAttribute("fill-opacity"), "0.2");
});

test("nothing in it runs, is styled, leads away or is fetched", () => {
  const drawing = pictureOf(
    `<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>x()</script><style>*{fill:red}</style>
    <a href="https://a.example"><text style="fill:red">hi</text></a><image href="https://a.example/i.png"/>
    <use href="https://a.example/u.svg#a"/><rect fill="url(https://a.example/f.svg#a)" onclick="x()"/>
    <foreignObject><iframe src="https://a.example"></iframe></foreignObject></svg>`,
    named,
  );
  assert.ok(!/script|style|href|onload|onclick|image|<use|url\(|iframe|foreignObject|a\.example/i.test(drawing.outerHTML), drawing.outerHTML);
  assert.equal(drawing.getAttribute("aria-label"), "A drawing");
});

test("what is no drawing is none", () => {
  for (const text of ["", "hello", "<p>hello</p>", "<svg"]) assert.equal(pictureOf(text, named), null);
});
