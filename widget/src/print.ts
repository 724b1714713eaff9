// Prints a transcript, and nothing else of the page, from a frame of its own that is removed afterwards.
import type { Transcript } from "./transcript.js";

const STYLES = `
  body { font: 11pt/1.5 system-ui, sans-serif; margin: 0; color: #000; }
  h1 { font-size: 16pt; line-height: 1.25; }
  h2 { font-size: 11pt; margin: 14pt 0 2pt; break-after: avoid; }
  p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/** Prints a transcript; `place` is where the frame stands meanwhile, out of sight. */
export function printTranscript(transcript: Transcript, lang: string, dir: string, place: ParentNode): void {
  place.querySelector(".print-frame")?.remove();
  const frame = document.createElement("iframe");
  frame.className = "print-frame";
  frame.setAttribute("aria-hidden", "true");
  frame.tabIndex = -1;
  frame.addEventListener("load", () => fillAndPrint(frame, transcript, lang, dir), { once: true });
  place.append(frame);
}

function fillAndPrint(frame: HTMLIFrameElement, transcript: Transcript, lang: string, dir: string): void {
  const view = frame.contentWindow as (Window & typeof globalThis) | null;
  if (!view) return;
  const page = view.document;
  page.title = transcript.title;
  page.documentElement.lang = lang;
  page.documentElement.dir = dir;
  const styles = new view.CSSStyleSheet();
  styles.replaceSync(STYLES);
  page.adoptedStyleSheets = [styles];
  page.body.append(
    element(page, "h1", transcript.title),
    ...transcript.lines.map((line) => element(page, "p", line)),
    ...transcript.entries.flatMap(({ who, text }) => [element(page, "h2", who), element(page, "p", text)]),
  );
  view.addEventListener("afterprint", () => frame.remove());
  view.print();
}

function element(page: Document, name: string, text: string): HTMLElement {
  const made = page.createElement(name);
  made.textContent = text;
  return made;
}
