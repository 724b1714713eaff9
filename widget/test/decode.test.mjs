// What comes from outside is taken as far as it is right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeClinic, decodeMessages, decodeReplies, decodeToken } from "../src/decode.ts";

const EMPTY = {
  sources: [],
  checked: null,
  signed_off: "",
  choices: [],
  html: "",
  response: "",
  urgency: "none",
  phones: [],
  picture: null,
};

test("a reply with a text alone is a reply", () => {
  assert.deepEqual(decodeReplies({ id: "x", replies: [{ text: "Hello" }] }), [{ ...EMPTY, text: "Hello" }]);
});

test("what is not as it must be is left out", () => {
  const reply = {
    text: "Hello",
    urgency: "panic",
    sources: [{ title: 3 }, { key: "a", title: "Leaflet", url: null }],
    choices: [{ id: "", title: "No" }, { id: "c1", title: "Yes" }],
    phones: [{ text: "999", tel: "javascript:1" }, { text: "none", tel: "abc" }],
    picture: { blocks: "x" },
  };
  assert.deepEqual(decodeReplies({ replies: [reply, null, { words: "no text" }] }), [
    {
      ...EMPTY,
      text: "Hello",
      sources: [{ key: "a", title: "Leaflet", url: null }],
      choices: [{ id: "c1", title: "Yes" }],
      phones: [{ text: "999", tel: "1" }],
    },
  ]);
});

test("an answer without replies is none", () => {
  for (const answer of [null, 3, "", [], {}, { replies: {} }]) assert.equal(decodeReplies(answer), null);
});

test("a token is a string", () => {
  assert.equal(decodeToken({ token: "abc" }), "abc");
  for (const answer of [null, {}, { token: 3 }, { token: "" }]) assert.equal(decodeToken(answer), null);
});

test("the emergency numbers are found where the server does not list them", () => {
  const clinic = decodeClinic({ name: "Elm Street", emergency: "999 or 112", phone: "+44 20 7946 0000", tel: "+442079460000" });
  assert.deepEqual(clinic.phones, [
    { text: "999", tel: "999" },
    { text: "112", tel: "112" },
  ]);
  assert.equal(decodeClinic({ error: "no" }), null);
});

test("stored messages come back as they were", () => {
  const messages = [
    { by: "person", id: "p1", text: "Hello", choice: null, delivery: "waiting" },
    { by: "assistant", id: "a1", helpful: true, reply: { ...EMPTY, text: "Hi" } },
    { by: "widget", id: "w1", notice: "deleted" },
  ];
  assert.deepEqual(decodeMessages(JSON.parse(JSON.stringify(messages))), messages);
  assert.deepEqual(decodeMessages([{ by: "widget", id: "w", notice: "unknown" }, { by: "person" }, 7]), []);
  assert.deepEqual(decodeMessages(null), []);
});
