// Moves the log to what is new: to the start of an answer, so that it can be read from its first word.
import type { Message } from "./model.js";

const MARGIN = 12;

/** Returns the message to show at the top, or null where the end of the log is what matters. */
export function readFrom(added: readonly Message[]): Message | null {
  const answers = added.filter(({ by }) => by !== "person");
  const emergency = answers.find((message) => message.by === "assistant" && message.reply.urgency === "emergency");
  return emergency ?? answers[0] ?? null;
}

/** Scrolls to a message of the log, or to its end. On low screens the log scrolls together with the head above it. */
export function scrollLog(log: HTMLElement, message: Message | null, smooth: boolean): void {
  const scroller = log.scrollHeight > log.clientHeight ? log : (log.parentElement ?? log);
  const element = message && log.querySelector(`[data-id="${CSS.escape(message.id)}"]`);
  const top = element
    ? scroller.scrollTop + element.getBoundingClientRect().top - scroller.getBoundingClientRect().top - MARGIN
    : scroller.scrollHeight;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scroller.scrollTo({ top, behavior: smooth && !still ? "smooth" : "instant" });
}
