// The conversation as plain text.
import assert from "node:assert/strict";
import { test } from "node:test";
import en from "../src/strings/en.json";
import { textOf, transcriptOf } from "../src/transcript.ts";

test("a transcript holds all that was said, and its sources", () => {
  const reply = {
    text: "Call 999 **now**.\n\n- one\n- two",
    sources: [
      { key: "a", title: "Leaflet", url: "https://a.example" },
      { key: "b", title: "Label", url: null },
    ],
    checked: "2026-11-24",
    signed_off: "",
    choices: [],
    response: "utter_x",
    urgency: "emergency",
    html: "",
    phones: [],
    picture: { svg: "<svg/>", blocks: "███ 70" },
  };
  const messages = [
    { by: "person", id: "p1", text: "Help", choice: null, delivery: "delivered" },
    { by: "assistant", id: "a1", reply, helpful: null },
    { by: "person", id: "p2", text: "And now?", choice: null, delivery: "waiting" },
    { by: "widget", id: "w1", notice: "choice" },
  ];
  const transcript = transcriptOf(messages, "Elm Street", null, en, new Date(2026, 10, 24, 12));
  assert.equal(
    textOf(transcript),
    `Elm Street: transcript
Saved 24 November 2026
General information, not for emergencies. Not medical advice.

You:
Help

Assistant:
EMERGENCY

Call 999 now.

- one
- two

███ 70

Sources:
[1] Leaflet, https://a.example
[2] Label
Checked 24 November 2026; not yet signed off by a clinician

You:
And now? (Not sent yet)

Note:
This can't be picked any more. Please type your question instead.
`,
  );
});
