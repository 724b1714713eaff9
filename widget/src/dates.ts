// Writes dates in words.
import type { Strings } from "./strings.js";

/** Returns "2026-11-24" as "24 November 2026"; what is no such date stays as it is. */
export function dateInWords(iso: string, strings: Strings): string {
  const date = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? iso : written(date, strings, "UTC");
}

/** Returns the day of a moment where the person is. */
export function dayInWords(moment: Date, strings: Strings): string {
  return written(moment, strings);
}

function written(date: Date, strings: Strings, timeZone?: string): string {
  return new Intl.DateTimeFormat(strings.dateLocale, { dateStyle: "long", ...(timeZone ? { timeZone } : {}) }).format(date);
}
