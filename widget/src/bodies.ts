// Makes what stands in a reply's frame, its text and its drawing, once for each reply.
import { fragmentOf } from "./html.js";
import type { Reply } from "./model.js";
import { linkPhones } from "./phones.js";
import { pictureOf } from "./picture.js";
import { fill, type Strings } from "./strings.js";

const made = new WeakMap<Reply, HTMLElement>();

/** Returns the element for a reply: the same one each time, so that a new message does not render the old ones again. */
export function bodyOf(reply: Reply, strings: Strings): HTMLElement {
  const known = made.get(reply);
  if (known) return known;
  const body = document.createElement("div");
  body.className = "text";
  const fragment = fragmentOf(reply.html);
  linkPhones(fragment, reply.phones);
  body.append(fragment);
  const name = (words: string): string => (words ? fill(strings.picture, { words }) : strings.pictureWithoutWords);
  const drawing = reply.picture && pictureOf(reply.picture.svg, name);
  if (drawing) body.append(drawing);
  made.set(reply, body);
  return body;
}
