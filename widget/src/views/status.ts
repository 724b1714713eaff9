// What goes on, below the log: that an answer is being written, or why a message has not been delivered.
import { html, nothing, type TemplateResult } from "lit";
import type { Clinic, Trouble } from "../model.js";
import type { Strings } from "../strings.js";
import { overdueLine } from "../wording.js";
import { sentenceView } from "./sentence.js";

export interface StatusModel {
  readonly activity: "writing" | "deleting" | null;
  readonly trouble: Trouble | null;
  readonly overdue: boolean;
  readonly clinic: Clinic | null;
}

export function statusView(model: StatusModel, strings: Strings): TemplateResult {
  const { trouble, overdue } = model;
  return html`
    <div class="activity" role="status">
      ${model.activity
        ? html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span> ${strings[model.activity]}`
        : nothing}
    </div>
    <div class="trouble" role="status">
      ${trouble ? html`<p>${strings.trouble[trouble]}</p>` : nothing}
      ${overdue ? html`<p class="overdue">${sentenceView(overdueLine(model.clinic, strings))}</p>` : nothing}
    </div>
  `;
}
