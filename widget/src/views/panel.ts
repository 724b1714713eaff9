// The panel as a whole: head, log, what goes on, the field, and a confirmation above all of them.
import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import type { Strings } from "../strings.js";
import { standingLine } from "../wording.js";
import { composerView, type ComposerActions } from "./composer.js";
import { confirmView, type Confirmable, type ConfirmActions } from "./confirm.js";
import { headerView, type HeaderActions, type HeaderModel } from "./header.js";
import { messagesView, type MessagesActions, type MessagesModel } from "./messages.js";
import { sentenceView } from "./sentence.js";
import { statusView, type StatusModel } from "./status.js";

export interface PanelModel extends HeaderModel, MessagesModel, StatusModel {
  readonly draft: string;
  readonly inline: boolean;
  /** Whether it covers the whole screen, so that the page behind it is out of reach. */
  readonly covers: boolean;
  readonly dir: string;
  /** Whether a screen reader is told what is added to the log. */
  readonly announcing: boolean;
  readonly question: Confirmable | null;
}

export interface PanelActions extends HeaderActions, MessagesActions, ComposerActions, ConfirmActions {
  readonly keyDown: (event: KeyboardEvent) => void;
}

export function panelView(model: PanelModel, strings: Strings, actions: PanelActions): TemplateResult {
  const { messages, clinic, late, ratingsFailed } = model;
  return html`
    <section
      class="panel ${model.inline ? "inline" : "floating"}"
      role=${model.inline ? "region" : "dialog"}
      aria-modal=${model.covers ? "true" : nothing}
      aria-labelledby="title"
      lang=${strings.lang}
      dir=${model.dir}
      @keydown=${actions.keyDown}
    >
      <div class="content" ?inert=${model.question !== null}>
        <div class="above">
          ${headerView(model, strings, actions)}
          <div
            class="log"
            role="log"
            tabindex="0"
            aria-label=${strings.log}
            aria-live=${model.announcing ? "polite" : "off"}
            aria-atomic="false"
            aria-relevant="additions"
          >
            ${guard([messages, clinic, late, ratingsFailed, strings], () => messagesView(model, strings, actions))}
          </div>
        </div>
        <footer>
          ${statusView(model, strings)}
          <p id="standing">${sentenceView(standingLine(clinic, strings))}</p>
          ${composerView(model.draft, strings, actions)}
        </footer>
      </div>
      ${model.question ? confirmView(model.question, strings, actions) : nothing}
    </section>
  `;
}
