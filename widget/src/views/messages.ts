// What stands in the log: the greeting with its example questions, and then all messages.
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Clinic, Message, Notice, Said } from "../model.js";
import type { Strings } from "../strings.js";
import { noticeLine } from "../wording.js";
import { clockIcon } from "./icons.js";
import { replyView, type ReplyActions } from "./reply.js";
import { sentenceView } from "./sentence.js";

export interface MessagesModel {
  readonly messages: readonly Message[];
  readonly clinic: Clinic | null;
  /** Whether what waits has waited for long enough to be marked. */
  readonly late: boolean;
  readonly ratingsFailed: ReadonlySet<string>;
}

export interface MessagesActions extends ReplyActions {
  readonly ask: (question: string) => void;
}

export function messagesView(model: MessagesModel, strings: Strings, actions: MessagesActions): TemplateResult {
  const lastSaid = model.messages.reduce((last, { by }, index) => (by === "person" ? index : last), -1);
  return html`
    <div class="message assistant greeting">
      <span class="hidden">${strings.assistantSaid}</span>
      <p>${strings.greeting}</p>
    </div>
    ${lastSaid < 0 ? examplesView(strings, actions) : nothing}
    ${repeat(
      model.messages,
      ({ id }) => id,
      (message, index) => {
        if (message.by === "person") return saidView(message, model.late, strings);
        if (message.by === "widget") return noticeView(message, model.clinic, strings);
        const ratingFailed = model.ratingsFailed.has(message.id);
        return replyView({ answered: message, current: index > lastSaid, ratingFailed }, strings, actions);
      },
    )}
  `;
}

function examplesView(strings: Strings, actions: MessagesActions): TemplateResult {
  return html`
    <div class="choices" role="group" aria-label=${strings.examplesLabel}>
      ${strings.examples
        .slice(0, 4)
        .map((question) => html`<button type="button" @click=${() => actions.ask(question)}>${question}</button>`)}
    </div>
  `;
}

function saidView(said: Said, late: boolean, strings: Strings): TemplateResult {
  const mark = said.delivery === "refused" ? strings.notSent : said.delivery === "waiting" && late ? strings.notSentYet : "";
  return html`
    <div class="message person" data-id=${said.id}>
      <p><span class="hidden">${strings.youSaid}</span> <span class="said">${said.text}</span></p>
      ${mark ? html`<p class="mark">${clockIcon} ${mark}</p>` : nothing}
    </div>
  `;
}

function noticeView(notice: Notice, clinic: Clinic | null, strings: Strings): TemplateResult {
  return html`
    <p class="message notice" data-id=${notice.id}>
      <span class="hidden">${strings.noteSaid}</span>
      ${sentenceView(noticeLine(notice.notice, clinic, strings))}
    </p>
  `;
}
