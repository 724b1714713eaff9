// One conversation with the server: what was said, what has still to be delivered, and why it has not been yet.
import type { Api, Sent } from "./api.js";
import { DelayedFlag } from "./delayed-flag.js";
import { newId } from "./ids.js";
import type { Answered, Choice, Clinic, Message, NoticeName, Said, Trouble } from "./model.js";
import { waitAfter } from "./retry.js";
import type { Store } from "./store.js";

const WRITING_AFTER_MS = 300;
const OVERDUE_AFTER_MS = 20_000;

export class Conversation {
  country = "";
  readonly #api: Api;
  readonly #store: Store;
  readonly #changed: () => void;
  readonly #isOnline: () => boolean;
  readonly #writing: DelayedFlag;
  readonly #overdue: DelayedFlag;
  #messages: readonly Message[];
  #token: string | null;
  #draft: string;
  #clinic: Clinic | null;
  #clinicAsked = false;
  #trouble: Trouble | null = null;
  #forgetting = false;
  #delivery: AbortController | null = null;
  #wake: (() => void) | null = null;

  constructor(api: Api, store: Store, changed: () => void, isOnline: () => boolean = () => navigator.onLine) {
    this.#api = api;
    this.#store = store;
    this.#changed = changed;
    this.#isOnline = isOnline;
    this.#writing = new DelayedFlag(WRITING_AFTER_MS, changed);
    this.#overdue = new DelayedFlag(OVERDUE_AFTER_MS, changed);
    this.#messages = store.messages;
    this.#token = store.token;
    this.#draft = store.draft;
    this.#clinic = store.clinic;
  }

  /** A new array whenever a message is added or changes. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  get draft(): string {
    return this.#draft;
  }

  set draft(draft: string) {
    this.#draft = draft;
    this.#store.draft = draft;
    this.#changed();
  }

  get clinic(): Clinic | null {
    return this.#clinic;
  }

  /** Why the message that is next has not been delivered; null while there is no reason to worry. */
  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** Whether nothing has worked for so long that the person should be told whom to call instead. */
  get overdue(): boolean {
    return this.#overdue.up;
  }

  /** Whether the server has had a message for a moment and has not answered it yet. */
  get writing(): boolean {
    return this.#writing.up;
  }

  /** Whether the conversation is being deleted. */
  get forgetting(): boolean {
    return this.#forgetting;
  }

  /** Says what was typed, and returns whether that was anything that can be said now. */
  say(text: string): boolean {
    const words = text.trim();
    if (!words || this.#forgetting) return false;
    this.#say(words, null);
    return true;
  }

  choose(choice: Choice): void {
    if (!this.#forgetting) this.#say(choice.title, choice.id);
  }

  /** Goes on with what was not delivered before a reload or a pause. */
  resume(): void {
    void this.#deliver();
  }

  /** Ends what is under way, without forgetting it. */
  pause(): void {
    this.#delivery?.abort();
    this.#delivery = null;
    this.#trouble = null;
    this.#writing.stop();
    this.#overdue.stop();
  }

  /** Tries again at once, for the network has come back. A server that asked us to wait is left in peace. */
  online(): void {
    if (this.#trouble !== "busy") this.#wake?.();
    if (this.#clinicAsked) void this.loadClinic();
  }

  /** Asks who runs the assistant, unless that is known already. */
  async loadClinic(): Promise<void> {
    if (this.#clinicAsked && this.#clinic) return;
    this.#clinicAsked = true;
    const clinic = await this.#api.clinic(this.country);
    if (!clinic) return;
    this.#clinic = clinic;
    this.#store.clinic = clinic;
    this.#changed();
  }

  /** Tells the server whether an answer was helpful; returns whether it knows. */
  async rate(answered: Answered, helpful: boolean): Promise<boolean> {
    this.#replace({ ...answered, helpful });
    const known = this.#token !== null && (await this.#api.rate(this.#token, answered.reply.response, helpful));
    if (!known) this.#replace(answered);
    return known;
  }

  /** Clears the view; the next message opens a new session. */
  startOver(): void {
    this.#clear("startedOver");
  }

  /** Deletes the conversation on the server and here, and says whether the server was reached. */
  async forget(): Promise<void> {
    const token = this.#token;
    this.pause();
    this.#forgetting = true;
    this.#changed();
    const deleted = token === null || (await this.#api.forget(token));
    this.#forgetting = false;
    this.#clear(deleted ? "deleted" : "deletedHereOnly");
  }

  #say(text: string, choice: string | null): void {
    this.#append([{ by: "person", id: newId(), text, choice, delivery: "waiting" }]);
    void this.#deliver();
  }

  #clear(notice: NoticeName): void {
    this.pause();
    this.#setToken(null);
    this.#draft = "";
    this.#store.draft = "";
    this.#setMessages([{ by: "widget", id: newId(), notice }]);
  }

  /** Delivers all messages that wait, one after the other, until none is left. */
  async #deliver(): Promise<void> {
    if (this.#delivery) return;
    const delivery = new AbortController();
    this.#delivery = delivery;
    let failures = 0;
    for (let said = this.#next(); said; said = this.#next()) {
      this.#overdue.start();
      this.#writing.start();
      const outcome = await this.#attempt(said, delivery.signal);
      if (delivery.signal.aborted) return;
      this.#writing.stop();
      if (outcome.kind === "later") {
        failures += 1;
        this.#setTrouble(outcome.trouble === "unreachable" && !this.#isOnline() ? "offline" : outcome.trouble);
        await this.#sleep(waitAfter(failures, outcome.seconds), delivery.signal);
        if (delivery.signal.aborted) return;
      } else {
        failures = 0;
        this.#overdue.stop();
        this.#trouble = null;
        this.#settle(said, outcome);
      }
    }
    this.#delivery = null;
  }

  #next(): Said | undefined {
    return this.#messages.find((message): message is Said => message.by === "person" && message.delivery === "waiting");
  }

  /** Sends a message once; with a new session where the old one has expired. */
  async #attempt(said: Said, signal: AbortSignal): Promise<Exclude<Sent, { kind: "expired" }>> {
    for (let sessions = 0; sessions < 2; sessions += 1) {
      const sent = await this.#send(said, signal);
      if (sent.kind !== "expired") return sent;
      if (!signal.aborted) this.#setToken(null);
    }
    return { kind: "later", trouble: "unreachable", seconds: null };
  }

  async #send(said: Said, signal: AbortSignal): Promise<Sent> {
    if (this.#token === null) {
      const opened = await this.#api.openSession(signal);
      if (opened.kind !== "opened") return opened;
      if (!signal.aborted) this.#setToken(opened.token);
      return this.#api.send(opened.token, said, this.country, signal);
    }
    return this.#api.send(this.#token, said, this.country, signal);
  }

  /** Puts what came of a message right behind it, before messages that wait. */
  #settle(said: Said, outcome: Exclude<Sent, { kind: "expired" | "later" }>): void {
    const answered = outcome.kind === "answered";
    const after: Message[] = answered
      ? outcome.replies.map((reply): Answered => ({ by: "assistant", id: newId(), reply, helpful: null }))
      : [{ by: "widget", id: newId(), notice: outcome.notice }];
    this.#setMessages(
      this.#messages.flatMap((message): Message[] =>
        message.id === said.id ? [{ ...said, delivery: answered ? "delivered" : "refused" }, ...after] : [message],
      ),
    );
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener("abort", wake);
      this.#wake = wake;
    });
  }

  #append(messages: readonly Message[]): void {
    this.#setMessages([...this.#messages, ...messages]);
  }

  #replace(changed: Message): void {
    this.#setMessages(this.#messages.map((message) => (message.id === changed.id ? changed : message)));
  }

  #setMessages(messages: readonly Message[]): void {
    this.#messages = messages;
    this.#store.messages = messages;
    this.#changed();
  }

  #setToken(token: string | null): void {
    this.#token = token;
    this.#store.token = token;
  }

  #setTrouble(trouble: Trouble): void {
    this.#trouble = trouble;
    this.#changed();
  }
}
