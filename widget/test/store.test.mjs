// What is kept for a reload.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../src/store.ts";

class Shelf extends Map {
  getItem(name) {
    return this.get(name) ?? null;
  }
  setItem(name, value) {
    this.set(name, value);
  }
  removeItem(name) {
    this.delete(name);
  }
}

const SAID = [{ by: "person", id: "p1", text: "Hello", choice: null, delivery: "waiting" }];

test("all parts come back, and each server has its own", () => {
  const shelf = new Shelf();
  const store = new Store(new URL("https://bot.example/"), shelf);
  Object.assign(store, { token: "abc", messages: SAID, draft: "half", open: false });
  const again = new Store(new URL("https://bot.example/"), shelf);
  assert.deepEqual([again.token, again.messages, again.draft, again.open], ["abc", SAID, "half", false]);
  const other = new Store(new URL("https://other.example/"), shelf);
  assert.deepEqual([other.token, other.messages, other.draft, other.open], [null, [], "", null]);
});

test("what is emptied leaves nothing behind", () => {
  const shelf = new Shelf();
  const store = new Store(new URL("https://bot.example/"), shelf);
  Object.assign(store, { token: "abc", messages: SAID, draft: "half" });
  Object.assign(store, { token: null, messages: [], draft: "" });
  assert.equal(shelf.size, 0);
});

test("storage that is missing, full or broken does no harm", () => {
  const broken = { getItem: () => "{", setItem: fail, removeItem: fail };
  for (const shelf of [null, broken]) {
    const store = new Store(new URL("https://bot.example/"), shelf);
    Object.assign(store, { token: "abc", messages: SAID, draft: "" });
    assert.deepEqual(store.messages, []);
    assert.equal(store.clinic, null);
  }
});

function fail() {
  throw new Error("QuotaExceededError");
}
