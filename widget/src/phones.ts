// Turns the phone numbers of a text into links that dial them.
import type { Phone } from "./model.js";

/** Returns the text in pieces: strings, and the phones that stand between them. A number within a longer one is none. */
export function splitAtPhones(text: string, phones: readonly Phone[]): (string | Phone)[] {
  if (phones.length === 0) return [text];
  const longestFirst = [...phones].sort((a, b) => b.text.length - a.text.length);
  const numbers = longestFirst.map(({ text: number }) => number.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text
    .split(new RegExp(`((?<![\\w+-])(?:${numbers.join("|")})(?![\\w-]))`))
    .filter((piece) => piece !== "")
    .map((piece) => longestFirst.find((phone) => phone.text === piece) ?? piece);
}

/** Makes links of the phones in a fragment, but not within a link that is there already. */
export function linkPhones(fragment: DocumentFragment, phones: readonly Phone[]): void {
  for (const node of textNodesOf(fragment)) {
    if (node.parentElement?.closest("a")) continue;
    const pieces = splitAtPhones(node.data, phones);
    if (pieces.some((piece) => typeof piece !== "string")) node.replaceWith(...pieces.map(asNode));
  }
}

function textNodesOf(fragment: DocumentFragment): Text[] {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) found.push(walker.currentNode as Text);
  return found;
}

function asNode(piece: string | Phone): string | Node {
  if (typeof piece === "string") return piece;
  const link = document.createElement("a");
  link.href = `tel:${piece.tel}`;
  link.textContent = piece.text;
  return link;
}
