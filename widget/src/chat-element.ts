// The custom element <isobot-chat>: holds what is open, and joins the conversation with the views.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { Api } from "./api.js";
import { Conversation } from "./conversation.js";
import { hasKeyboard, keepFocusInside } from "./focus.js";
import type { Answered, Choice, Message } from "./model.js";
import { printTranscript } from "./print.js";
import { saveText } from "./save.js";
import { readFrom, scrollLog } from "./scrolling.js";
import { Store } from "./store.js";
import { stringsFor, type Strings } from "./strings.js";
import { FULL_SCREEN, styles } from "./styles/styles.js";
import { textOf, transcriptOf, type Transcript } from "./transcript.js";
import type { Confirmable } from "./views/confirm.js";
import type { MenuItem } from "./views/header.js";
import { launcherView } from "./views/launcher.js";
import { panelView, type PanelActions, type PanelModel } from "./views/panel.js";
import { followViewport } from "./viewport.js";
import { titleOf } from "./wording.js";

const SILENT_AFTER_OPENING_MS = 500;

export class IsobotChat extends LitElement {
  static override readonly styles = styles;
  static override readonly properties = {
    server: { type: String },
    name: { type: String },
    country: { type: String },
    lang: { type: String },
    dir: { type: String },
    mode: { type: String },
    open: { type: Boolean, reflect: true },
    menuOpen: { state: true },
    question: { state: true },
    unread: { state: true },
    announcing: { state: true },
    ratingsFailed: { state: true },
    fullScreen: { state: true },
  };

  declare server: string;
  declare name: string;
  declare country: string;
  declare lang: string;
  declare dir: string;
  declare mode: "button" | "inline";
  declare open: boolean;
  declare private menuOpen: boolean;
  declare private question: Confirmable | null;
  declare private unread: boolean;
  declare private announcing: boolean;
  declare private ratingsFailed: ReadonlySet<string>;
  declare private fullScreen: boolean;

  #store: Store | null = null;
  #conversation: Conversation | null = null;
  #strings: Strings = stringsFor("");
  #seen: readonly Message[] = [];
  #status = "";
  #opensQuietly = false;
  #hadFocus = false;
  #unfollow: (() => void) | null = null;
  readonly #screen = matchMedia(FULL_SCREEN);

  constructor() {
    super();
    this.server = "";
    this.name = "";
    this.country = "";
    this.lang = "";
    this.dir = "";
    this.mode = "button";
    this.open = false;
    this.menuOpen = false;
    this.question = null;
    this.unread = false;
    this.announcing = true;
    this.ratingsFailed = new Set();
    this.fullScreen = this.#screen.matches;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("online", this.#online);
    this.#screen.addEventListener("change", this.#resized);
    this.#conversation?.resume();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("online", this.#online);
    this.#screen.removeEventListener("change", this.#resized);
    this.#conversation?.pause();
    this.#disappeared();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#hadFocus = this.shadowRoot?.activeElement !== null;
    this.#strings = stringsFor(this.lang || (this.closest<HTMLElement>("[lang]")?.lang ?? ""));
    if (!this.#conversation || changed.has("server")) this.#begin();
    if (this.#conversation) this.#conversation.country = this.country;
    this.#noticeUnread();
    if (this.open) this.unread = false;
    if (!this.#shown) [this.menuOpen, this.question] = [false, null];
  }

  protected override updated(changed: PropertyValues<this>): void {
    const panel = this.#panel;
    if (panel && !this.#unfollow) this.#appeared(panel);
    else if (!panel && this.#unfollow) this.#disappeared();
    else if (panel) this.#scrollToNews(panel);
    if (changed.get("open") !== undefined) this.#openChanged();
    this.#seen = this.#conversation?.messages ?? [];
  }

  protected override render(): TemplateResult {
    const { open, unread } = this;
    const panel = this.#shown && this.#conversation;
    const launcher = { open, unread, dir: this.#direction };
    return html`
      ${panel ? panelView(this.#panelModel(panel), this.#strings, this.#actions) : nothing}
      ${this.#inline ? nothing : launcherView(launcher, this.#strings, () => (this.open = true))}
    `;
  }

  get #inline(): boolean {
    return this.mode === "inline";
  }

  get #shown(): boolean {
    return this.#inline || this.open;
  }

  get #covers(): boolean {
    return this.fullScreen && !this.#inline;
  }

  get #direction(): string {
    return this.dir || this.#strings.dir;
  }

  get #panel(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(".panel");
  }

  /** Takes up the conversation of this tab with the server. */
  #begin(): void {
    this.#conversation?.pause();
    const server = serverOf(this.server);
    this.#store = new Store(server);
    this.#conversation = new Conversation(new Api(server), this.#store, () => this.requestUpdate());
    this.#seen = this.#conversation.messages;
    const wasOpen = this.#store.open;
    if (!this.#inline && wasOpen !== null && wasOpen !== this.open) {
      this.open = wasOpen;
      this.#opensQuietly = true;
    }
    this.#conversation.country = this.country;
    this.#conversation.resume();
  }

  #panelModel(conversation: Conversation): PanelModel {
    const { messages, draft, clinic, trouble, overdue, writing, forgetting } = conversation;
    return {
      title: titleOf(this.name, clinic, this.#strings),
      closable: !this.#inline,
      menuOpen: this.menuOpen,
      empty: messages.length === 0,
      messages,
      clinic,
      late: trouble !== null || overdue,
      ratingsFailed: this.ratingsFailed,
      activity: forgetting ? "deleting" : writing ? "writing" : null,
      trouble,
      overdue,
      draft,
      inline: this.#inline,
      covers: this.#covers,
      dir: this.#direction,
      announcing: this.announcing,
      question: this.question,
    };
  }

  #appeared(panel: HTMLElement): void {
    this.#unfollow = followViewport(panel);
    void this.#conversation?.loadClinic();
    this.#scroll(panel, null, false);
    if (this.#conversation?.messages.length) this.#stayQuietForAMoment();
  }

  #disappeared(): void {
    this.#unfollow?.();
    this.#unfollow = null;
  }

  /** Keeps a screen reader from reading all of a restored conversation. */
  #stayQuietForAMoment(): void {
    this.announcing = false;
    setTimeout(() => (this.announcing = true), SILENT_AFTER_OPENING_MS);
  }

  #openChanged(): void {
    if (this.#store) this.#store.open = this.open;
    if (this.open && !this.#opensQuietly) this.#input?.focus();
    if (!this.open && this.#hadFocus) this.renderRoot.querySelector<HTMLElement>(".launcher")?.focus();
    this.#opensQuietly = false;
  }

  /** Marks the launcher when an answer comes while the panel is closed; an emergency opens the panel. */
  #noticeUnread(): void {
    const added = this.#added().filter((message): message is Answered => message.by === "assistant");
    if (added.length === 0 || this.#shown) return;
    this.unread = true;
    if (!added.some(({ reply }) => reply.urgency === "emergency")) return;
    this.#opensQuietly = true;
    this.open = true;
  }

  #added(): Message[] {
    const messages = this.#conversation?.messages ?? [];
    if (messages === this.#seen) return [];
    const known = new Set(this.#seen.map(({ id }) => id));
    return messages.filter(({ id }) => !known.has(id));
  }

  #scrollToNews(panel: HTMLElement): void {
    const added = this.#added();
    const status = JSON.stringify([this.#conversation?.trouble, this.#conversation?.overdue, this.#conversation?.writing]);
    if (added.length > 0) this.#scroll(panel, readFrom(added), true);
    else if (status !== this.#status && this.#conversation?.messages.at(-1)?.by === "person") this.#scroll(panel, null, true);
    this.#status = status;
  }

  #scroll(panel: HTMLElement, message: Message | null, smooth: boolean): void {
    const log = panel.querySelector<HTMLElement>(".log");
    if (log) scrollLog(log, message, smooth);
  }

  get #input(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector<HTMLTextAreaElement>("#input");
  }

  /** Moves the focus from a button that goes away to where the person goes on. */
  #focusToGoOn(): void {
    if (hasKeyboard()) this.#input?.focus();
    else this.renderRoot.querySelector<HTMLElement>(".log")?.focus({ preventScroll: true });
  }

  readonly #actions: PanelActions = {
    keyDown: (event) => this.#keyDown(event),
    toggleMenu: () => (this.menuOpen = !this.menuOpen),
    leaveMenu: (event) => this.#leaveMenu(event),
    pick: (item) => this.#pick(item),
    close: () => (this.open = false),
    type: (draft) => this.#type(draft),
    send: () => this.#send(),
    ask: (question) => this.#ask(question),
    choose: (choice) => this.#choose(choice),
    rate: (answered, helpful) => this.#rate(answered, helpful),
    yes: () => this.#confirmed(),
    no: () => this.#cancel(),
  };

  readonly #online = (): void => this.#conversation?.online();

  readonly #resized = (): void => {
    this.fullScreen = this.#screen.matches;
  };

  #keyDown(event: KeyboardEvent): void {
    if (this.#covers && this.#panel) keepFocusInside(event, this.#panel);
    if (event.key !== "Escape" || event.isComposing) return;
    if (this.question) this.#cancel();
    else if (this.menuOpen) this.#closeMenu();
    else if (!this.#inline) this.open = false;
    else return;
    event.stopPropagation();
  }

  #leaveMenu(event: FocusEvent): void {
    const within = event.relatedTarget instanceof Node && (event.currentTarget as Node).contains(event.relatedTarget);
    if (!within && event.relatedTarget) this.menuOpen = false;
  }

  #closeMenu(): void {
    this.menuOpen = false;
    this.renderRoot.querySelector<HTMLElement>("#menu-button")?.focus();
  }

  #pick(item: MenuItem): void {
    this.#closeMenu();
    if (item === "save") saveText(this.#strings.transcript.file, textOf(this.#transcript()));
    else if (item === "print") {
      printTranscript(this.#transcript(), this.#strings.lang, this.#direction, this.renderRoot);
    } else void this.#confirm(item);
  }

  #transcript(): Transcript {
    const conversation = this.#conversation;
    const clinic = conversation?.clinic ?? null;
    const title = titleOf(this.name, clinic, this.#strings);
    return transcriptOf(conversation?.messages ?? [], title, clinic, this.#strings, new Date());
  }

  async #confirm(question: Confirmable): Promise<void> {
    this.question = question;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("#confirm-no")?.focus();
  }

  #cancel(): void {
    this.question = null;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("#menu-button")?.focus());
  }

  #confirmed(): void {
    if (this.question === "forget") void this.#conversation?.forget();
    else this.#conversation?.startOver();
    this.question = null;
    void this.updateComplete.then(() => this.#focusToGoOn());
  }

  #send(): void {
    if (this.#conversation?.say(this.#conversation.draft)) this.#conversation.draft = "";
  }

  #type(draft: string): void {
    if (this.#conversation) this.#conversation.draft = draft;
  }

  #choose(choice: Choice): void {
    this.#conversation?.choose(choice);
    this.#focusToGoOn();
  }

  #ask(question: string): void {
    if (!this.#conversation) return;
    const draft = this.#conversation.draft;
    this.#conversation.draft = question;
    this.#send();
    this.#conversation.draft = draft;
    this.#focusToGoOn();
  }

  #rate(answered: Answered, helpful: boolean): void {
    const { id } = answered;
    this.ratingsFailed = new Set([...this.ratingsFailed].filter((failed) => failed !== id));
    void this.#conversation?.rate(answered, helpful).then((known) => {
      if (!known) this.ratingsFailed = new Set([...this.ratingsFailed, id]);
    });
  }
}

/** Returns the server's address, which ends in "/": the attribute's, else the one that the bundle came from. */
function serverOf(attribute: string): URL {
  if (!attribute) return new URL("..", import.meta.url);
  return new URL(attribute.endsWith("/") ? attribute : `${attribute}/`, document.baseURI);
}
