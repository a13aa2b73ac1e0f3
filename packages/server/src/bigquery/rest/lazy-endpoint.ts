import type { Logger } from '../../logger.js';
import type { Endpoint, EndpointParts } from './endpoint.js';

/**
 * What all ways in share: datasets, tables, models and jobs. Nothing of it is loaded before somebody asks: a server that
 * nobody queries pays nothing.
 */
export class LazyEndpoint {
  readonly log: Logger;
  readonly #parts: EndpointParts;
  #opening: Promise<Endpoint> | undefined;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
    this.log = parts.log;
  }

  open(): Promise<Endpoint> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** Ends what runs: nobody waits for it any longer. */
  async close(): Promise<void> {
    if (this.#opening === undefined) return;
    const { closeEndpoint } = await import('./open-endpoint.js');
    await closeEndpoint(await this.#opening);
  }

  async #open(): Promise<Endpoint> {
    return (await import('./open-endpoint.js')).openEndpoint(this.#parts);
  }
}
