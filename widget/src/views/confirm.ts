// The question that is asked before something is cleared or deleted.
import { html, type TemplateResult } from "lit";
import type { Strings } from "../strings.js";

export type Confirmable = "startOver" | "forget";

export interface ConfirmActions {
  readonly yes: () => void;
  readonly no: () => void;
}

export function confirmView(question: Confirmable, strings: Strings, actions: ConfirmActions): TemplateResult {
  const { title, text, yes } = strings.confirm[question];
  return html`
    <div class="veil">
      <div
        class="confirm"
        role="alertdialog"
        aria-modal="true"
        aria-labelledby="confirm-title"
        aria-describedby="confirm-text"
      >
        <h2 id="confirm-title">${title}</h2>
        <p id="confirm-text">${text}</p>
        <div class="answers">
          <button id="confirm-no" type="button" @click=${actions.no}>${strings.confirm.no}</button>
          <button class="yes" type="button" @click=${actions.yes}>${yes}</button>
        </div>
      </div>
    </div>
  `;
}
