import { setTimeout as pause } from 'node:timers/promises';
import type { Cloud, MetricsRow } from './cloud.js';

const ITEMS_MAX = 20;

/**
 * Clients that post samples of `latency` through metrics-api, each at seconds of its own, and remember what was
 * acknowledged. What had no answer, or one that asks to try again, is sent again half the time.
 */
export class Load {
  readonly acknowledged = new Map<number, number>();
  /** Answers by status; 0 for none. */
  readonly statuses = new Map<number, number>();
  readonly #cloud: Cloud;
  readonly #random: () => number;
  #nextSecond: number;
  #running: Promise<unknown> | undefined;
  #stopping = false;

  constructor(cloud: Cloud, random: () => number, firstSecond: number) {
    this.#cloud = cloud;
    this.#random = random;
    this.#nextSecond = firstSecond;
  }

  /** The emulator of Pub/Sub pushes some tens of messages a second: more load would only wait there. */
  start(clients: number, pauseMs = 150): void {
    this.#stopping = false;
    this.#running = Promise.all(Array.from({ length: clients }, () => this.#client(pauseMs)));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #client(pauseMs: number): Promise<void> {
    let unanswered: Item[] | undefined;
    while (!this.#stopping) {
      const items = unanswered !== undefined && this.#random() < 0.5 ? unanswered : this.#nextItems();
      const { status, body } = await this.#cloud.post(items);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      if (status === 202) {
        unanswered = undefined;
        for (const { timestamp, latency } of items) this.acknowledged.set(timestamp, latency);
      } else if (status === 0 || status === 503 || status === 429) {
        unanswered = items;
        await pause(50);
      } else {
        throw new Error(`POST /metrics was answered with ${status}: ${JSON.stringify(body)}`);
      }
      await pause(pauseMs);
    }
  }

  #nextItems(): Item[] {
    const length = 1 + Math.floor(this.#random() * ITEMS_MAX);
    return Array.from({ length }, () => ({
      timestamp: this.#nextSecond++,
      latency: Math.round(this.#random() * 1e6) / 1000,
    }));
  }

  /** Acknowledged samples that the rows lack or have otherwise, and times that they have more than once. */
  faultsIn(rows: readonly MetricsRow[]): { lost: number[]; twice: number[] } {
    const stored = new Map<number, number | null>();
    const twice: number[] = [];
    for (const { timestamp, latency } of rows) {
      if (stored.has(timestamp)) twice.push(timestamp);
      stored.set(timestamp, latency);
    }
    const lost = [...this.acknowledged].filter(([second, value]) => stored.get(second) !== value);
    return { lost: lost.map(([second]) => second), twice };
  }
}

interface Item {
  readonly timestamp: number;
  readonly latency: number;
}

/**
 * Waits until metrics_table has all that was acknowledged; gives what is still wrong when nothing more has come for that
 * long. After failures the emulator of Pub/Sub may leave the subscription alone for minutes.
 */
export async function settledFaults(cloud: Cloud, load: Load, quietMsMax = 180_000) {
  let fewest = Number.POSITIVE_INFINITY;
  let giveUpMs = 0;
  for (;;) {
    const faults = load.faultsIn(await cloud.metricsTable());
    if (faults.lost.length < fewest) {
      fewest = faults.lost.length;
      giveUpMs = Date.now() + quietMsMax;
    }
    if (fewest === 0 || Date.now() > giveUpMs) {
      return { lost: faults.lost.slice(0, 5), twice: faults.twice.slice(0, 5) };
    }
    await pause(300);
  }
}
