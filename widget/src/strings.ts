// All words that the widget shows or speaks, by language, and how they are filled in.
import en from "./strings/en.json";

export type Strings = typeof en;

const LANGUAGES: Readonly<Record<string, Strings>> = { en };

/** Returns the words for a language tag: "pt-BR" falls back to "pt", and what is not known to English. */
export function stringsFor(lang: string): Strings {
  const tag = lang.toLowerCase();
  return LANGUAGES[tag] ?? LANGUAGES[tag.split("-")[0] ?? ""] ?? en;
}

/** Returns a template in pieces, each {name} replaced by what `values` has for it; a name without value stays. */
export function pieces<T>(template: string, values: Readonly<Record<string, T>>): (string | T)[] {
  return template
    .split(/(\{\w+\})/)
    .filter((piece) => piece !== "")
    .map((piece) => {
      const name = /^\{(\w+)\}$/.exec(piece)?.[1];
      return name !== undefined && Object.hasOwn(values, name) ? (values[name] as T) : piece;
    });
}

/** Returns a template with each {name} replaced. */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return pieces(template, values).join("");
}
