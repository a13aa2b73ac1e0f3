import { AppError } from '../../errors.js';

/** A client that is loaded when first asked for, or by `warmUp`; where that failed, the next call tries again. */
export class LazyClient<Client> {
  readonly #service: string;
  readonly #open: () => Promise<Client>;
  #opening: Promise<Client> | undefined;

  /** `service` stands in the error of a client that cannot be opened: `BigQuery`. */
  constructor(service: string, open: () => Promise<Client>) {
    this.#service = service;
    this.#open = open;
  }

  /** Rejects with `not_ready` while it cannot be opened. */
  get(): Promise<Client> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      const message = error instanceof Error ? error.message : String(error);
      throw new AppError('not_ready', `The client of ${this.#service} cannot be used: ${message}`, {
        cause: error,
      });
    });
    return this.#opening;
  }

  /** Loads it in the background, beside what else has to be done at start. */
  warmUp(): void {
    this.get().catch(() => {
      // The first call fails the same way and says so.
    });
  }

  /** For closing: the client if there is one; nothing is loaded for it. */
  async opened(): Promise<Client | undefined> {
    return this.#opening?.catch(() => undefined);
  }
}
