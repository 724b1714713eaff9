// A flag that goes up some time after it was started, unless it was stopped before.

export class DelayedFlag {
  #up = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #delayMs: number;
  readonly #changed: () => void;

  constructor(delayMs: number, changed: () => void) {
    this.#delayMs = delayMs;
    this.#changed = changed;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Starts the time, unless it runs already. */
  start(): void {
    this.#timer ??= setTimeout(() => {
      this.#up = true;
      this.#changed();
    }, this.#delayMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#up) return;
    this.#up = false;
    this.#changed();
  }
}
