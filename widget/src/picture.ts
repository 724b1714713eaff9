// Turns the drawing of a reply into an <svg> that is safe to put into the page and has a name for a screen reader.
import DOMPurify, { type Config } from "dompurify";

const ALLOWED: Config & { RETURN_DOM_FRAGMENT: true } = {
  USE_PROFILES: { svg: true },
  FORBID_TAGS: ["style", "a", "image", "script", "use", "foreignObject", "filter"],
  FORBID_ATTR: ["style", "class", "id", "href", "xlink:href", "aria-labelledby", "tabindex"],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

/** Returns the drawing, or null where there is none; `named` makes its name of its own words, which may be none. */
export function pictureOf(svg: string, named: (words: string) => string): SVGElement | null {
  const drawing = DOMPurify.sanitize(svg, ALLOWED).querySelector("svg");
  if (!drawing) return null;
  removeAddresses(drawing);
  const words = [...drawing.querySelectorAll(":scope > title, :scope > desc")].map((part) => part.textContent.trim());
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", named(words.filter(Boolean).join(". ")));
  drawing.setAttribute("focusable", "false");
  return drawing;
}

/** Removes attributes such as fill="url(…)", which would fetch from another host. */
function removeAddresses(drawing: SVGElement): void {
  for (const element of [drawing, ...drawing.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (/url\s*\(/i.test(value)) element.removeAttribute(name);
    }
  }
}
