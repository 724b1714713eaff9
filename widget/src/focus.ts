// Where the keyboard's focus goes.

const STOPS = "a[href], button:not(:disabled), textarea, summary, [tabindex='0']";

/** Keeps the Tab key within an element that covers the page. */
export function keepFocusInside(event: KeyboardEvent, element: HTMLElement): void {
  if (event.key !== "Tab") return;
  const stops = [...element.querySelectorAll<HTMLElement>(STOPS)].filter(
    (stop) => stop.getClientRects().length > 0 && !stop.closest("[inert]"),
  );
  const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (event.target !== from) return;
  event.preventDefault();
  to?.focus();
}

/** Returns whether a text field can take the focus without a keyboard covering half of the screen. */
export function hasKeyboard(): boolean {
  return matchMedia("(hover: hover) and (pointer: fine)").matches;
}
