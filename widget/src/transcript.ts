// Writes a conversation as plain text, to save or to print.
import { dayInWords } from "./dates.js";
import type { Clinic, Message, Reply } from "./model.js";
import { fill, type Strings } from "./strings.js";
import { checkedLine, noticeLine, plain } from "./wording.js";

export interface Entry {
  readonly who: string;
  readonly text: string;
}

export interface Transcript {
  readonly title: string;
  readonly lines: readonly string[];
  readonly entries: readonly Entry[];
}

/** Returns what the transcript holds. */
export function transcriptOf(
  messages: readonly Message[],
  title: string,
  clinic: Clinic | null,
  strings: Strings,
  now: Date,
): Transcript {
  return {
    title: fill(strings.transcript.title, { title }),
    lines: [fill(strings.transcript.date, { date: dayInWords(now, strings) }), strings.transcript.standing],
    entries: messages.map((message) => entryOf(message, clinic, strings)),
  };
}

/** Returns the transcript as one text. */
export function textOf({ title, lines, entries }: Transcript): string {
  const head = [title, ...lines].join("\n");
  return `${[head, ...entries.map(({ who, text }) => `${who}:\n${text}`)].join("\n\n")}\n`;
}

function entryOf(message: Message, clinic: Clinic | null, strings: Strings): Entry {
  const { you, assistant, note } = strings.transcript;
  if (message.by === "assistant") return { who: assistant, text: replyText(message.reply, strings) };
  if (message.by === "widget") return { who: note, text: plain(noticeLine(message.notice, clinic, strings)) };
  const state = { waiting: ` (${strings.notSentYet})`, refused: ` (${strings.notSent})`, delivered: "" };
  return { who: you, text: message.text + state[message.delivery] };
}

function replyText(reply: Reply, strings: Strings): string {
  const urgency = reply.urgency === "none" ? [] : [`${strings.urgency[reply.urgency].toUpperCase()}`];
  const picture = reply.picture?.blocks ? [reply.picture.blocks] : [];
  return [...urgency, withoutMarks(reply.text), ...picture, ...sourceLines(reply, strings)].join("\n\n");
}

function sourceLines(reply: Reply, strings: Strings): string[] {
  if (reply.sources.length === 0) return [];
  const lines = reply.sources.map(({ title, url }, index) => `[${index + 1}] ${title}${url ? `, ${url}` : ""}`);
  return [[strings.transcript.sources, ...lines, checkedLine(reply, strings)].join("\n")];
}

/** Returns Markdown without its marks for emphasis; its lists and paragraphs read well as they are. */
function withoutMarks(markdown: string): string {
  return markdown.replace(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/gs, "$2").trim();
}
