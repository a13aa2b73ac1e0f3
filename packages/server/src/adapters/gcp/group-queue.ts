import { AppError } from '../../errors.js';

export interface GroupQueueOptions<Item> {
  /** Rows that one item stands for. */
  readonly rowsOf: (item: Item) => number;
  /** Rows that may wait, those on their way included. */
  readonly rowsMax: number;
  /** Rows of one group; a larger item goes alone. */
  readonly groupRowsMax: number;
  /** Groups on their way at once. What comes meanwhile shares the next one. */
  readonly groupsMax: number;
  /** Resolves with the items that failed by themselves; a rejection is that of the whole group. */
  readonly write: (items: readonly Item[]) => Promise<ReadonlyMap<Item, unknown>>;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly rows: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Gathers what arrives while calls are under way and hands it on together, so that many small items cost little. */
export class GroupQueue<Item> {
  readonly #options: GroupQueueOptions<Item>;
  #waiting: Waiting<Item>[] = [];
  #queuedRows = 0;
  #underWay = new Set<Promise<void>>();
  #scheduled = false;
  #closed = false;

  constructor(options: GroupQueueOptions<Item>) {
    this.#options = options;
  }

  get queuedRows(): number {
    return this.#queuedRows;
  }

  /** Resolves once the item was written. Refuses with `queue_full` while too much waits, with `not_ready` when closed. */
  add(item: Item): Promise<void> {
    if (this.#closed) return Promise.reject(new AppError('not_ready', 'The service is stopping.'));
    const rows = this.#options.rowsOf(item);
    // One item larger than the queue is taken when nothing else waits: it could never get in otherwise.
    if (this.#queuedRows > 0 && this.#queuedRows + rows > this.#options.rowsMax) {
      return Promise.reject(
        new AppError('queue_full', `${this.#queuedRows} samples wait to be handed on already.`, {
          hint: 'Send again a little later.',
        }),
      );
    }
    this.#queuedRows += rows;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, rows, resolve, reject });
      this.#schedule();
    });
  }

  /** Refuses what comes from now on; resolves when everything that waited was written, or failed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#startGroups();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Calls of the same turn share a group. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#startGroups();
    });
  }

  #startGroups(): void {
    while (this.#waiting.length > 0 && this.#underWay.size < this.#options.groupsMax) {
      const group = this.#writeGroup(this.#takeGroup());
      this.#underWay.add(group);
      void group.then(() => {
        this.#underWay.delete(group);
        this.#startGroups();
      });
    }
  }

  #takeGroup(): Waiting<Item>[] {
    let rows = 0;
    let count = 0;
    while (count < this.#waiting.length) {
      rows += this.#waiting[count]!.rows;
      if (count > 0 && rows > this.#options.groupRowsMax) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeGroup(group: readonly Waiting<Item>[]): Promise<void> {
    try {
      const failed = await this.#options.write(group.map(({ item }) => item));
      for (const { item, resolve, reject } of group) {
        if (failed.has(item)) reject(failed.get(item));
        else resolve();
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      for (const { rows } of group) this.#queuedRows -= rows;
    }
  }
}
