// Renders a sentence, with its phones as links that dial them.
import { html, type TemplateResult } from "lit";
import type { Sentence } from "../wording.js";

export function sentenceView(sentence: Sentence): TemplateResult {
  return html`${sentence.map((piece) =>
    typeof piece === "string" ? piece : html`<a class="phone" href="tel:${piece.tel}">${piece.text}</a>`,
  )}`;
}
