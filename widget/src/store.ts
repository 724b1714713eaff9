// Keeps the conversation of this tab in sessionStorage, so that a reload loses nothing; does without where there is none.
import { decodeClinic, decodeMessages } from "./decode.js";
import type { Clinic, Message } from "./model.js";

type Part = "token" | "messages" | "draft" | "clinic" | "open";

export class Store {
  readonly #prefix: string;
  readonly #storage: Storage | null;

  /** `storage` is null where the browser or the page's settings forbid it. */
  constructor(server: URL, storage: Storage | null = tabStorage()) {
    this.#prefix = `isobot-chat ${server.href} `;
    this.#storage = storage;
  }

  get token(): string | null {
    return this.#read("token") || null;
  }

  set token(token: string | null) {
    this.#write("token", token ?? "");
  }

  get messages(): readonly Message[] {
    return decodeMessages(parsed(this.#read("messages")));
  }

  set messages(messages: readonly Message[]) {
    this.#write("messages", messages.length > 0 ? JSON.stringify(messages) : "");
  }

  get draft(): string {
    return this.#read("draft");
  }

  set draft(draft: string) {
    this.#write("draft", draft);
  }

  get clinic(): Clinic | null {
    return decodeClinic(parsed(this.#read("clinic")));
  }

  set clinic(clinic: Clinic | null) {
    this.#write("clinic", clinic ? JSON.stringify(clinic) : "");
  }

  /** Whether the panel was left open; null where it was neither opened nor closed in this tab. */
  get open(): boolean | null {
    const open = this.#read("open");
    return open ? open === "yes" : null;
  }

  set open(open: boolean) {
    this.#write("open", open ? "yes" : "no");
  }

  #read(part: Part): string {
    try {
      return this.#storage?.getItem(this.#prefix + part) ?? "";
    } catch {
      return "";
    }
  }

  #write(part: Part, value: string): void {
    try {
      if (value) this.#storage?.setItem(this.#prefix + part, value);
      else this.#storage?.removeItem(this.#prefix + part);
    } catch {
      // full or forbidden: the conversation goes on, and ends with the page
    }
  }
}

function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
