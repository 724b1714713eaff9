// Phone numbers in a text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { linkPhones, splitAtPhones } from "../src/phones.ts";

const phone = (text) => ({ text, tel: text.replaceAll(" ", "") });

test("numbers are found where they stand, the longest first", () => {
  const pieces = splitAtPhones("Call 112, or 0800 112 112 (24 h).", [phone("112"), phone("0800 112 112")]);
  assert.deepEqual(pieces, ["Call ", phone("112"), ", or ", phone("0800 112 112"), " (24 h)."]);
});

test("a number within a longer one, or within a word, is none", () => {
  assert.deepEqual(splitAtPhones("1123 a112 112-5 +112", [phone("112")]), ["1123 a112 112-5 +112"]);
  assert.deepEqual(splitAtPhones("None here", []), ["None here"]);
});

test("a plus and brackets are taken as they are", () => {
  const number = { text: "+44 (0)20 7946", tel: "+44207946" };
  assert.deepEqual(splitAtPhones("at +44 (0)20 7946.", [number]), ["at ", number, "."]);
});

test("links dial, and a link that is there already stays alone", () => {
  const fragment = document.createDocumentFragment();
  const paragraph = document.createElement("p");
  paragraph.innerHTML = 'Call <strong>999</strong> or <a href="https://a.example">112</a>.';
  fragment.append(paragraph);
  linkPhones(fragment, [phone("999"), phone("112")]);
  assert.equal(
    paragraph.innerHTML,
    'Call <strong><a href="tel:999">999</a></strong> or <a href="https://a.example">112</a>.',
  );
});
