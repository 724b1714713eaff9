// Turns the HTML of a reply into nodes that are safe to put into the page.
import DOMPurify, { type Config } from "dompurify";

const ALLOWED: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: ["p", "br", "strong", "em", "ul", "ol", "li", "a", "code", "blockquote"],
  ALLOWED_ATTR: ["href", "start"],
  ADD_URI_SAFE_ATTR: ["start"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https:\/\/|tel:|mailto:)/i,
  RETURN_DOM_FRAGMENT: true,
};

/** Returns the HTML as nodes: paragraphs, lists, emphasis and links to web pages, phones and mailboxes only. */
export function fragmentOf(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, ALLOWED);
  for (const link of fragment.querySelectorAll("a")) {
    const address = link.getAttribute("href");
    if (address === null) link.replaceWith(...link.childNodes);
    else if (/^https:/i.test(address)) openElsewhere(link);
  }
  return fragment;
}

function openElsewhere(link: HTMLAnchorElement): void {
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}
