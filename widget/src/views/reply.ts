// One reply of the assistant: its urgency, text, sources, and whether it helped.
import { html, nothing, type TemplateResult } from "lit";
import { bodyOf } from "../bodies.js";
import type { Answered, Choice, Source } from "../model.js";
import { fill, type Strings } from "../strings.js";
import { checkedLine } from "../wording.js";
import { thumbDownIcon, thumbUpIcon, urgencyIcons } from "./icons.js";

export interface ReplyActions {
  readonly choose: (choice: Choice) => void;
  readonly rate: (answered: Answered, helpful: boolean) => void;
}

export interface ReplyModel {
  readonly answered: Answered;
  /** Whether its choices may still be picked. */
  readonly current: boolean;
  readonly ratingFailed: boolean;
}

export function replyView(model: ReplyModel, strings: Strings, actions: ReplyActions): TemplateResult {
  const { reply, id } = model.answered;
  return html`
    <article class="message assistant ${reply.urgency}" data-id=${id}>
      <span class="hidden">${strings.assistantSaid}</span>
      ${reply.urgency === "none"
        ? nothing
        : html`<p class="urgency">${urgencyIcons[reply.urgency]} ${strings.urgency[reply.urgency]}</p>`}
      ${bodyOf(reply, strings)} ${sourcesView(model, strings, actions)}
    </article>
    ${model.current && reply.choices.length > 0 ? choicesView(reply.choices, strings, actions) : nothing}
  `;
}

function choicesView(choices: readonly Choice[], strings: Strings, actions: ReplyActions): TemplateResult {
  return html`
    <div class="choices" role="group" aria-label=${strings.choices}>
      ${choices.map((choice) => html`<button type="button" @click=${() => actions.choose(choice)}>${choice.title}</button>`)}
    </div>
  `;
}

function sourcesView(model: ReplyModel, strings: Strings, actions: ReplyActions): TemplateResult | typeof nothing {
  const { reply } = model.answered;
  if (reply.sources.length === 0) {
    return reply.checked ? html`<p class="checked">${checkedLine(reply, strings)}</p>` : nothing;
  }
  return html`
    <div class="citations">
      ${reply.sources.map(
        ({ title }, index) => html`
          <button
            class="citation"
            type="button"
            aria-label=${fill(strings.source, { number: index + 1, title })}
            @click=${(event: Event) => showSource(event, index)}
          >
            <span>[${index + 1}]</span>
          </button>
        `,
      )}
    </div>
    <details>
      <summary>${strings.sources}</summary>
      <ol class="sources">
        ${reply.sources.map((source) => html`<li tabindex="-1">${sourceView(source, strings)}</li>`)}
      </ol>
    </details>
    <p class="checked">${checkedLine(reply, strings)}</p>
    ${reply.response ? ratingView(model, strings, actions) : nothing}
  `;
}

function sourceView(source: Source, strings: Strings): TemplateResult {
  if (!source.url?.startsWith("https://")) return html`${source.title}`;
  return html`<a href=${source.url} target="_blank" rel="noopener noreferrer"
    >${source.title} <span class="hidden">${strings.newTab}</span></a
  >`;
}

/** Opens the list of sources at the one that was asked for. */
function showSource(event: Event, index: number): void {
  const details = event.currentTarget instanceof Element && event.currentTarget.closest("article")?.querySelector("details");
  if (!details) return;
  details.open = true;
  const item = details.querySelectorAll("li")[index];
  (item?.querySelector("a") ?? item)?.focus();
}

function ratingView(model: ReplyModel, strings: Strings, actions: ReplyActions): TemplateResult {
  const { helpful } = model.answered;
  const button = (value: boolean): TemplateResult => html`
    <button
      class="plain"
      type="button"
      aria-label=${value ? strings.helpful : strings.notHelpful}
      aria-pressed=${helpful === value}
      aria-disabled=${helpful !== null}
      @click=${() => helpful === null && actions.rate(model.answered, value)}
    >
      ${value ? thumbUpIcon : thumbDownIcon}
    </button>
  `;
  return html`
    <div class="rating">
      <span>${helpful !== null ? strings.thanks : model.ratingFailed ? strings.notRated : strings.helpfulQuestion}</span>
      ${button(true)} ${button(false)}
    </div>
  `;
}
