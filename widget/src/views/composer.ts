// Where the person types: a field that grows with its text, and the button that sends it.
import { html, nothing, type TemplateResult } from "lit";
import { fill, type Strings } from "../strings.js";
import { sendIcon } from "./icons.js";

const MOST_CHARACTERS = 2000;
const COUNT_FROM = 1800;

export interface ComposerActions {
  readonly type: (draft: string) => void;
  readonly send: () => void;
}

export function composerView(draft: string, strings: Strings, actions: ComposerActions): TemplateResult {
  const number = new Intl.NumberFormat(strings.dateLocale);
  const count = { used: number.format(draft.length), most: number.format(MOST_CHARACTERS) };
  return html`
    <form class="composer" @submit=${(event: Event) => submit(event, actions)}>
      <label class="hidden" for="input">${strings.inputLabel}</label>
      <div class="field">
        <div class="mirror" aria-hidden="true">${draft}&#8203;</div>
        <textarea
          id="input"
          rows="1"
          maxlength=${MOST_CHARACTERS}
          placeholder=${strings.inputPlaceholder}
          autocomplete="off"
          enterkeyhint="send"
          aria-describedby="standing count"
          .value=${draft}
          @input=${(event: Event) => event.target instanceof HTMLTextAreaElement && actions.type(event.target.value)}
          @keydown=${(event: KeyboardEvent) => sendOnEnter(event, actions)}
        ></textarea>
      </div>
      <button class="send" type="submit" aria-label=${strings.send}>${sendIcon}</button>
      <p id="count" ?hidden=${draft.length < COUNT_FROM}>${draft.length < COUNT_FROM ? nothing : fill(strings.count, count)}</p>
    </form>
  `;
}

function submit(event: Event, actions: ComposerActions): void {
  event.preventDefault();
  actions.send();
}

function sendOnEnter(event: KeyboardEvent, actions: ComposerActions): void {
  if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
  event.preventDefault();
  actions.send();
}

/** Returns whether the key belongs to an input method, which Safari tells by the code 229 only. */
function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
