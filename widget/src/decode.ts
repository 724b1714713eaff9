// Turns JSON from outside (the server, the browser's storage) into the model; what is not as it must be is left out.
import {
  NOTICES,
  type Choice,
  type Clinic,
  type Message,
  type NoticeName,
  type Phone,
  type Picture,
  type Reply,
  type Source,
  type Urgency,
} from "./model.js";

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list<T>(value: unknown, decode: (item: unknown) => T | null): T[] {
  return Array.isArray(value) ? value.map(decode).filter((item) => item !== null) : [];
}

function source(value: unknown): Source | null {
  const { key, title, url } = fields(value);
  return text(title) ? { key: text(key), title: text(title), url: text(url) || null } : null;
}

function choice(value: unknown): Choice | null {
  const { id, title } = fields(value);
  return text(id) && text(title) ? { id: text(id), title: text(title) } : null;
}

function phone(value: unknown): Phone | null {
  const found = fields(value);
  const tel = text(found["tel"]).replace(/[^\d+*#]/g, "");
  return tel && text(found["text"]) ? { text: text(found["text"]), tel } : null;
}

function picture(value: unknown): Picture | null {
  const { svg, blocks } = fields(value);
  return text(svg) ? { svg: text(svg), blocks: text(blocks) } : null;
}

function urgency(value: unknown): Urgency {
  return value === "soon" || value === "urgent" || value === "emergency" ? value : "none";
}

function reply(value: unknown): Reply | null {
  const found = fields(value);
  if (typeof found["text"] !== "string") return null;
  return {
    text: found["text"],
    html: text(found["html"]),
    sources: list(found["sources"], source),
    checked: text(found["checked"]) || null,
    signed_off: text(found["signed_off"]),
    choices: list(found["choices"], choice),
    response: text(found["response"]),
    urgency: urgency(found["urgency"]),
    phones: list(found["phones"], phone),
    picture: picture(found["picture"]),
  };
}

/** The numbers in a text that a person may be told to dial in an emergency, where the server does not list them. */
function shortNumbers(words: string): Phone[] {
  return [...new Set(words.match(/\b\d{3}\b/g))].map((number) => ({ text: number, tel: number }));
}

/** Returns the replies of an answer of the server, or null where it holds none. */
export function decodeReplies(answer: unknown): Reply[] | null {
  const { replies } = fields(answer);
  return Array.isArray(replies) ? list(replies, reply) : null;
}

/** Returns the token of a new session, or null. */
export function decodeToken(answer: unknown): string | null {
  return text(fields(answer)["token"]) || null;
}

/** Returns who runs the assistant, or null. */
export function decodeClinic(answer: unknown): Clinic | null {
  const found = fields(answer);
  if (typeof found["name"] !== "string") return null;
  const emergency = text(found["emergency"]);
  const phones = list(found["phones"], phone);
  return {
    name: found["name"],
    phone: text(found["phone"]),
    tel: text(found["tel"]).replace(/[^\d+*#]/g, ""),
    emergency,
    phones: phones.length > 0 ? phones : shortNumbers(emergency),
  };
}

function message(value: unknown): Message | null {
  const found = fields(value);
  const id = text(found["id"]);
  if (!id) return null;
  if (found["by"] === "person") {
    const delivery = found["delivery"] === "waiting" || found["delivery"] === "refused" ? found["delivery"] : "delivered";
    return { by: "person", id, text: text(found["text"]), choice: text(found["choice"]) || null, delivery };
  }
  if (found["by"] === "assistant") {
    const said = reply(found["reply"]);
    const helpful = typeof found["helpful"] === "boolean" ? found["helpful"] : null;
    return said && { by: "assistant", id, reply: said, helpful };
  }
  const notice = NOTICES.find((name: NoticeName) => name === found["notice"]);
  return notice ? { by: "widget", id, notice } : null;
}

/** Returns the messages that were stored. */
export function decodeMessages(stored: unknown): Message[] {
  return list(stored, message);
}
