// The head of the panel: the title, the menu and the button that closes the panel.
import { html, nothing, type TemplateResult } from "lit";
import type { Strings } from "../strings.js";
import { chatIcon, closeIcon, menuIcon } from "./icons.js";

export const MENU = ["save", "print", "startOver", "forget"] as const;
export type MenuItem = (typeof MENU)[number];

export interface HeaderModel {
  readonly title: string;
  readonly closable: boolean;
  readonly menuOpen: boolean;
  /** Without a conversation there is nothing to save, print or delete. */
  readonly empty: boolean;
}

export interface HeaderActions {
  readonly toggleMenu: () => void;
  readonly leaveMenu: (event: FocusEvent) => void;
  readonly pick: (item: MenuItem) => void;
  readonly close: () => void;
}

export function headerView(model: HeaderModel, strings: Strings, actions: HeaderActions): TemplateResult {
  const subtitle = model.title === strings.title ? nothing : html`<p class="subtitle">${strings.title}</p>`;
  return html`
    <header>
      <span class="emblem">${chatIcon}</span>
      <div class="names">
        <h2 id="title">${model.title}</h2>
        ${subtitle}
      </div>
      <div class="menu" @focusout=${actions.leaveMenu}>
        <button
          class="plain"
          id="menu-button"
          type="button"
          aria-label=${strings.menu}
          aria-expanded=${model.menuOpen}
          aria-controls="menu"
          @click=${actions.toggleMenu}
        >
          ${menuIcon}
        </button>
        <ul id="menu" ?hidden=${!model.menuOpen}>
          ${MENU.map((item) => itemView(item, model.empty, strings, actions))}
        </ul>
      </div>
      ${model.closable
        ? html`<button class="plain" type="button" aria-label=${strings.close} @click=${actions.close}>
            ${closeIcon}
          </button>`
        : nothing}
    </header>
  `;
}

function itemView(item: MenuItem, disabled: boolean, strings: Strings, actions: HeaderActions): TemplateResult {
  return html`<li>
    <button type="button" ?disabled=${disabled} @click=${() => actions.pick(item)}>${strings.menuItems[item]}</button>
  </li>`;
}
