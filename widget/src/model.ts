// The shapes that the whole widget speaks of: what the server sends, and what stands in the conversation.

export type Urgency = "none" | "soon" | "urgent" | "emergency";

export interface Source {
  readonly key: string;
  readonly title: string;
  readonly url: string | null;
}

export interface Choice {
  readonly id: string;
  readonly title: string;
}

export interface Phone {
  readonly text: string;
  readonly tel: string;
}

export interface Picture {
  readonly svg: string;
  readonly blocks: string;
}

export interface Reply {
  /** Markdown, for transcripts. */
  readonly text: string;
  readonly html: string;
  readonly sources: readonly Source[];
  readonly checked: string | null;
  readonly signed_off: string;
  readonly choices: readonly Choice[];
  readonly response: string;
  readonly urgency: Urgency;
  readonly phones: readonly Phone[];
  readonly picture: Picture | null;
}

export interface Clinic {
  readonly name: string;
  readonly phone: string;
  readonly tel: string;
  readonly emergency: string;
  readonly phones: readonly Phone[];
}

/** Something that the person said. `choice` is the id of the choice that was picked instead of typing. */
export interface Said {
  readonly by: "person";
  readonly id: string;
  readonly text: string;
  readonly choice: string | null;
  readonly delivery: "waiting" | "delivered" | "refused";
}

/** One reply of the assistant. `helpful` is what the person thinks of it, null until told. */
export interface Answered {
  readonly by: "assistant";
  readonly id: string;
  readonly reply: Reply;
  readonly helpful: boolean | null;
}

/** A sentence of the widget itself, by its name among the strings. */
export interface Notice {
  readonly by: "widget";
  readonly id: string;
  readonly notice: NoticeName;
}

export const NOTICES = ["choice", "length", "rejected", "deleted", "deletedHereOnly", "startedOver"] as const;
export type NoticeName = (typeof NOTICES)[number];

export type Message = Said | Answered | Notice;

/** Why a message has not been delivered yet. */
export type Trouble = "offline" | "unreachable" | "busy" | "starting";
