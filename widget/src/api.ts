// The HTTP client: the requests of docs/web-api.md, each with an outcome that never throws.
import { decodeClinic, decodeReplies, decodeToken } from "./decode.js";
import type { Clinic, Reply, Said } from "./model.js";
import { verdictOf, type Verdict } from "./retry.js";

type Failed = Exclude<Verdict, { kind: "ok" }>;
export type Opened = { readonly kind: "opened"; readonly token: string } | Failed;
export type Sent = { readonly kind: "answered"; readonly replies: readonly Reply[] } | Failed;

type Answer = { readonly kind: "ok"; readonly json: unknown } | Failed;

interface RequestOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly limitMs?: number;
}

const UNREACHABLE: Failed = { kind: "later", trouble: "unreachable", seconds: null };
const LONGEST_REQUEST_MS = 25_000;

export class Api {
  readonly #server: URL;
  readonly #fetch: typeof fetch;

  constructor(server: URL, fetcher: typeof fetch = (...request) => fetch(...request)) {
    this.#server = server;
    this.#fetch = fetcher;
  }

  async clinic(country: string): Promise<Clinic | null> {
    const query = country ? `?${new URLSearchParams({ country })}` : "";
    const answer = await this.#request("GET", `api/clinic${query}`);
    return answer.kind === "ok" ? decodeClinic(answer.json) : null;
  }

  async openSession(signal: AbortSignal): Promise<Opened> {
    const answer = await this.#request("POST", "api/sessions", { signal });
    if (answer.kind !== "ok") return answer;
    const token = decodeToken(answer.json);
    return token ? { kind: "opened", token } : UNREACHABLE;
  }

  async send(token: string, said: Said, country: string, signal: AbortSignal): Promise<Sent> {
    const body = {
      id: said.id,
      ...(said.choice ? { choice: said.choice } : { text: said.text }),
      ...(country ? { country } : {}),
    };
    const answer = await this.#request("POST", "api/messages", { token, body, signal });
    if (answer.kind !== "ok") return answer;
    const replies = decodeReplies(answer.json);
    return replies ? { kind: "answered", replies } : UNREACHABLE;
  }

  async rate(token: string, response: string, helpful: boolean): Promise<boolean> {
    return (await this.#request("POST", "api/feedback", { token, body: { response, helpful } })).kind === "ok";
  }

  /** Returns whether the server says that it has deleted it; where the token no longer counts, it may still be there. */
  async forget(token: string): Promise<boolean> {
    return (await this.#request("DELETE", "api/conversation", { token, limitMs: 10_000 })).kind === "ok";
  }

  async #request(
    method: string,
    path: string,
    { token, body, signal, limitMs = LONGEST_REQUEST_MS }: RequestOptions = {},
  ): Promise<Answer> {
    if (signal?.aborted) return UNREACHABLE;
    const limit = new AbortController();
    const stop = (): void => limit.abort();
    const timer = setTimeout(stop, limitMs);
    signal?.addEventListener("abort", stop);
    try {
      const response = await this.#fetch(new URL(path, this.#server), {
        method,
        headers: {
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...(body ? { "Content-Type": "application/json" } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: limit.signal,
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "strict-origin",
      });
      const verdict = verdictOf(response.status, response.headers.get("Retry-After"));
      if (verdict.kind !== "ok") return verdict;
      return { kind: "ok", json: response.status === 204 ? null : await response.json() };
    } catch {
      return UNREACHABLE; // no network, no such host, a refused origin, an answer that is not JSON: alike to a page
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}
