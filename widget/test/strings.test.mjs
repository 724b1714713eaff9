// How the words are found and filled in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dateInWords } from "../src/dates.ts";
import en from "../src/strings/en.json";
import { fill, pieces, stringsFor } from "../src/strings.ts";
import { noticeLine, overdueLine, plain, standingLine, titleOf, checkedLine } from "../src/wording.ts";

const CLINIC = {
  name: "Elm Street",
  phone: "+44 20 7946 0000",
  tel: "+442079460000",
  emergency: "999 or 112",
  phones: [
    { text: "999", tel: "999" },
    { text: "112", tel: "112" },
  ],
};

test("an unknown language falls back to English", () => {
  for (const lang of ["en", "en-US", "EN", "xx", ""]) assert.equal(stringsFor(lang), en);
});

test("placeholders are replaced, and unknown ones stay", () => {
  assert.equal(fill("{a} and {b} and {c}", { a: "x", b: 2 }), "x and 2 and {c}");
  assert.deepEqual(pieces("Call {who}.", { who: { tel: "1" } }), ["Call ", { tel: "1" }, "."]);
  assert.equal(fill("{toString}", {}), "{toString}");
});

test("there are up to four example questions", () => {
  assert.ok(en.examples.length > 0 && en.examples.length <= 4);
});

test("a date is written in words", () => {
  assert.equal(dateInWords("2026-11-24", en), "24 November 2026");
  assert.equal(dateInWords("some day", en), "some day");
});

test("the standing line holds the numbers to dial", () => {
  const line = standingLine(CLINIC, en);
  assert.equal(plain(line), "General information, not for emergencies. In an emergency call 999 or 112.");
  assert.deepEqual(line.filter((piece) => typeof piece !== "string"), CLINIC.phones);
  assert.match(plain(standingLine(null, en)), /call your local emergency number\.$/);
});

test("who waits for long is told whom to call", () => {
  assert.match(plain(overdueLine(CLINIC, en)), /999 or 112.*Elm Street on \+44 20 7946 0000\.$/);
  assert.match(plain(overdueLine({ ...CLINIC, phone: "", tel: "", name: "" }, en)), /call your clinic or pharmacy\.$/);
});

test("a refused message names the clinic's phone", () => {
  assert.deepEqual(noticeLine("rejected", CLINIC, en).filter((piece) => typeof piece !== "string"), [
    { text: "+44 20 7946 0000", tel: "+442079460000" },
  ]);
});

test("the title is the page's, the clinic's or the assistant's", () => {
  assert.equal(titleOf("Ask us", CLINIC, en), "Ask us");
  assert.equal(titleOf("", CLINIC, en), "Elm Street");
  assert.equal(titleOf("", null, en), "Isotretinoin assistant");
});

test("a reply says when it was checked and by whom", () => {
  const line = (checked, signed_off) => checkedLine({ checked, signed_off }, en);
  assert.equal(line("2026-11-24", ""), "Checked 24 November 2026; not yet signed off by a clinician");
  assert.equal(line("2026-11-24", "Dr A. Example"), "Checked 24 November 2026; signed off by Dr A. Example");
  assert.equal(line(null, ""), "Not yet signed off by a clinician");
});
