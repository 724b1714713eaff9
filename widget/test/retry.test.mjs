// What an HTTP status means, and how long to wait.
import assert from "node:assert/strict";
import { test } from "node:test";
import { secondsOf, verdictOf, waitAfter } from "../src/retry.ts";

test("each status of the contract has its meaning", () => {
  assert.deepEqual(verdictOf(200), { kind: "ok" });
  assert.deepEqual(verdictOf(204), { kind: "ok" });
  assert.deepEqual(verdictOf(401), { kind: "expired" });
  assert.deepEqual(verdictOf(409), { kind: "refused", notice: "choice" });
  assert.deepEqual(verdictOf(413), { kind: "refused", notice: "length" });
  for (const status of [400, 403, 404, 415]) assert.deepEqual(verdictOf(status), { kind: "refused", notice: "rejected" });
  assert.deepEqual(verdictOf(429, "7"), { kind: "later", trouble: "busy", seconds: 7 });
  assert.deepEqual(verdictOf(503), { kind: "later", trouble: "starting", seconds: null });
  for (const status of [408, 500, 502, 504]) {
    assert.deepEqual(verdictOf(status), { kind: "later", trouble: "unreachable", seconds: null });
  }
});

test("Retry-After may be seconds or a date", () => {
  const now = Date.parse("2026-11-24T10:00:00Z");
  assert.equal(secondsOf("12", now), 12);
  assert.equal(secondsOf("Tue, 24 Nov 2026 10:00:05 GMT", now), 5);
  assert.equal(secondsOf("Tue, 24 Nov 2026 09:00:00 GMT", now), 0);
  for (const nothing of [null, "", " ", "soon"]) assert.equal(secondsOf(nothing, now), null);
});

test("waits grow up to 30 seconds and never fall below what the server asks for", () => {
  const waits = [1, 2, 3, 4, 5, 6, 20].map((failures) => waitAfter(failures, null, 1));
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  assert.equal(waitAfter(1, null, 0), 750);
  assert.equal(waitAfter(1, 60, 0), 60000);
});
