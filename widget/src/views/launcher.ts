// The floating button that opens the panel.
import { html, nothing, type TemplateResult } from "lit";
import type { Strings } from "../strings.js";
import { chatIcon } from "./icons.js";

export interface LauncherModel {
  readonly open: boolean;
  readonly unread: boolean;
  readonly dir: string;
}

export function launcherView(model: LauncherModel, strings: Strings, open: () => void): TemplateResult {
  return html`
    <button
      class="launcher"
      type="button"
      lang=${strings.lang}
      dir=${model.dir}
      aria-haspopup="dialog"
      aria-expanded=${model.open}
      aria-label=${model.unread ? strings.launcherUnread : strings.launcher}
      ?hidden=${model.open}
      @click=${open}
    >
      ${chatIcon} <span>${strings.launcher}</span> ${model.unread ? html`<span class="dot"></span>` : nothing}
    </button>
  `;
}
