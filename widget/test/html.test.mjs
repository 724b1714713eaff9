// A reply's HTML, also where somebody means harm with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fragmentOf } from "../src/html.ts";

function shown(html) {
  const box = document.createElement("div");
  box.append(fragmentOf(html));
  return box.innerHTML.replace(/\n/g, "");
}

test("paragraphs, lists and bold stay", () => {
  const html = '<p>One <strong>two</strong>.</p><ul><li>a</li></ul><ol start="3"><li>c</li></ol>';
  assert.equal(shown(html), html);
});

test("what could run, load or look like the page itself goes", () => {
  for (const html of [
    "<script>x</script>",
    "<img src=x onerror=y>",
    "<style>*{}</style>",
    "<iframe src=https://a.example></iframe>",
    "<svg onload=x></svg>",
    "<form action=https://a.example></form>",
  ]) {
    assert.equal(shown(html), "", html);
  }
  assert.equal(shown('<p id="a" class="b" style="c" onclick="d" data-e="f">x</p>'), "<p>x</p>");
});

test("links lead to web pages, phones and mailboxes only", () => {
  assert.equal(
    shown('<a href="https://a.example">a</a>'),
    '<a href="https://a.example" target="_blank" rel="noopener noreferrer">a</a>',
  );
  const others = '<a href="tel:999">a</a> <a href="mailto:b@c.example">b</a>';
  assert.equal(shown(others), others);
  for (const address of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "http://a.example", "//a.example", "/a"]) {
    assert.equal(shown(`<a href="${address}">a</a>`), "a", address);
  }
});
