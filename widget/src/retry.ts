// Decides what an HTTP status means for a message, and how long to wait before it is sent again.
import type { NoticeName, Trouble } from "./model.js";

export type Verdict =
  | { readonly kind: "ok" }
  | { readonly kind: "expired" }
  | { readonly kind: "later"; readonly trouble: Trouble; readonly seconds: number | null }
  | { readonly kind: "refused"; readonly notice: NoticeName };

const LONGEST_WAIT_SECONDS = 30;

/** Returns what to make of a status; `retryAfter` is the header of that name. */
export function verdictOf(status: number, retryAfter: string | null = null): Verdict {
  if (status >= 200 && status < 300) return { kind: "ok" };
  if (status === 401) return { kind: "expired" };
  if (status === 409) return { kind: "refused", notice: "choice" };
  if (status === 413) return { kind: "refused", notice: "length" };
  if (status === 429) return { kind: "later", trouble: "busy", seconds: secondsOf(retryAfter) };
  if (status === 503) return { kind: "later", trouble: "starting", seconds: secondsOf(retryAfter) };
  if (status === 408 || status >= 500) return { kind: "later", trouble: "unreachable", seconds: null };
  return { kind: "refused", notice: "rejected" };
}

/** Returns the seconds that a Retry-After header asks for (a number, or a date), or null. */
export function secondsOf(retryAfter: string | null, now: number = Date.now()): number | null {
  if (retryAfter === null || retryAfter.trim() === "") return null;
  const seconds = Number(retryAfter);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

/** Returns the milliseconds to wait after so many failures in a row, at least as long as the server asked for. */
export function waitAfter(failures: number, asked: number | null, random: number = Math.random()): number {
  const seconds = Math.min(LONGEST_WAIT_SECONDS, 2 ** (failures - 1));
  const spread = seconds * (0.75 + random / 4); // so that many widgets do not come back at the same moment
  return Math.max(spread, asked ?? 0) * 1000;
}
