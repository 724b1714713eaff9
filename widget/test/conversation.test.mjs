// Delivery: in order, with the same id until it is answered, and never after the person has deleted the conversation.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Api } from "../src/api.ts";
import { Conversation } from "../src/conversation.ts";
import { Store } from "../src/store.ts";

const SERVER = new URL("https://bot.example/");
const OK = (text) => ({ status: 200, json: { replies: [{ text }] } });

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** Returns a conversation with a server that answers messages as `answers` says, one after the other. */
function conversationWith(...answers) {
  const requests = [];
  const deletions = [];
  const fetcher = async (address, options) => {
    const request = { path: address.pathname, method: options.method, body: options.body && JSON.parse(options.body) };
    requests.push({ ...request, token: options.headers.Authorization });
    if (request.path === "/api/sessions") {
      const token = `t${requests.filter(({ path }) => path === "/api/sessions").length}`;
      return response({ status: 201, json: { token } });
    }
    const other = (request.method === "DELETE" && deletions.shift()) || { status: 204 };
    const answer = request.path === "/api/messages" ? answers.shift() : other;
    if (answer === undefined) return new Promise(() => undefined);
    if (answer === "down") throw new TypeError("Failed to fetch");
    return response(answer);
  };
  const conversation = new Conversation(new Api(SERVER, fetcher), new Store(SERVER, null), () => undefined, () => true);
  const sent = () => requests.filter(({ path }) => path === "/api/messages");
  return { conversation, requests, sent, deletions };
}

function response({ status, json, headers }) {
  return new Response(json ? JSON.stringify(json) : null, { status, headers });
}

/** Lets what is under way come to its next wait. */
async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms) {
  mock.timers.tick(ms);
  await settle();
}

const words = ({ messages }) => messages.map((message) => message.text ?? message.reply?.text ?? message.notice);

test("nothing is sent before the first message, and the session is opened then", async () => {
  const { conversation, requests } = conversationWith(OK("Hello"));
  conversation.resume();
  await settle();
  assert.deepEqual(requests, []);
  assert.equal(conversation.say("   "), false);
  assert.equal(conversation.say(" Hi "), true);
  await settle();
  assert.deepEqual(requests.map(({ path }) => path), ["/api/sessions", "/api/messages"]);
  assert.equal(requests[1].body.text, "Hi");
  assert.equal(requests[1].token, "Bearer t1");
  assert.deepEqual(words(conversation), ["Hi", "Hello"]);
});

test("a message is sent again with the same id until it is answered", async () => {
  const { conversation, sent } = conversationWith("down", { status: 503 }, OK("Hello"));
  conversation.say("Hi");
  await settle();
  assert.equal(conversation.trouble, "unreachable");
  await pass(1000);
  assert.equal(conversation.trouble, "starting");
  await pass(2000);
  assert.equal(conversation.trouble, null);
  assert.equal(new Set(sent().map(({ body }) => body.id)).size, 1);
  assert.equal(sent().length, 3);
});

test("messages are answered in order, each answer behind its message", async () => {
  const { conversation } = conversationWith("down", OK("First"), OK("Second"));
  conversation.say("One");
  conversation.say("Two");
  await settle();
  await pass(1000);
  assert.deepEqual(words(conversation), ["One", "First", "Two", "Second"]);
});

test("the network's return is used at once, a server's wish to wait is kept", async () => {
  const { conversation, sent } = conversationWith("down", { status: 429, headers: { "Retry-After": "9" } }, OK("Hello"));
  conversation.say("Hi");
  await settle();
  conversation.online();
  await settle();
  assert.equal(conversation.trouble, "busy");
  conversation.online();
  await pass(8900);
  assert.equal(sent().length, 2);
  await pass(200);
  assert.equal(sent().length, 3);
});

test("an expired session is opened anew for the same message", async () => {
  const { conversation, sent } = conversationWith({ status: 401 }, OK("Hello"));
  conversation.say("Hi");
  await settle();
  assert.deepEqual(sent().map(({ token }) => token), ["Bearer t1", "Bearer t2"]);
  assert.equal(sent()[0].body.id, sent()[1].body.id);
});

test("a server that never takes a token is not asked without end", async () => {
  const { conversation, sent } = conversationWith(...Array(9).fill({ status: 401 }));
  conversation.say("Hi");
  await settle();
  assert.equal(sent().length, 2);
  assert.equal(conversation.trouble, "unreachable");
  conversation.pause();
});

test("a refused message gets a sentence, and the next one is sent", async () => {
  const { conversation } = conversationWith({ status: 409 }, OK("Hello"));
  conversation.choose({ id: "c1", title: "Yes" });
  conversation.say("Hi");
  await settle();
  assert.deepEqual(words(conversation), ["Yes", "choice", "Hi", "Hello"]);
  assert.equal(conversation.messages[0].delivery, "refused");
});

test("after 300 ms somebody writes, after 20 s it is overdue", async () => {
  const { conversation } = conversationWith();
  conversation.say("Hi");
  await settle();
  await pass(299);
  assert.equal(conversation.writing, false);
  await pass(1);
  assert.equal(conversation.writing, true);
  await pass(19_700);
  assert.equal(conversation.overdue, true);
  conversation.pause();
  assert.equal(conversation.overdue, false);
});

test("nothing is sent after the conversation was deleted", async () => {
  const { conversation, requests, sent } = conversationWith(OK("Hello"), "down", OK("Late"));
  conversation.say("Hi");
  await settle();
  conversation.say("More");
  await settle();
  const forgotten = conversation.forget();
  assert.equal(conversation.say("Too soon"), false);
  await settle();
  await forgotten;
  await pass(60_000);
  assert.deepEqual(words(conversation), ["deleted"]);
  assert.equal(requests.at(-1).method, "DELETE");
  assert.equal(requests.at(-1).token, "Bearer t1");
  assert.equal(sent().length, 2);
});

test("a deletion that the server refuses is not called one", async () => {
  const { conversation, deletions } = conversationWith(OK("Hello"));
  conversation.say("Hi");
  await settle();
  deletions.push({ status: 401 });
  await conversation.forget();
  assert.deepEqual(words(conversation), ["deletedHereOnly"]);
});

test("a rating that does not arrive can be given again", async () => {
  const { conversation } = conversationWith(OK("Hello"));
  conversation.say("Hi");
  await settle();
  const [, answered] = conversation.messages;
  assert.equal(await conversation.rate(answered, true), true);
  assert.equal(conversation.messages[1].helpful, true);
  conversation.startOver();
  assert.equal(await conversation.rate(answered, false), false);
});
