import type { ActiveSeries } from '../model/active-series.js';
import type { SampleBatch } from '../model/batch.js';
import type { Series } from '../model/series.js';
import type { SeriesRegistry } from '../model/series-registry.js';
import type { Clock } from '../ports/clock.js';
import { FUTURE_MAX_MS, type RejectCode, type Rejection } from '../ports/ingest.js';
import { cut, quote } from './quote.js';
import { checkSeriesName, LabelReader } from './series-naming.js';
import { readTimestamp } from './timestamp.js';

const REJECTIONS_LISTED_MAX = 1000;

/**
 * Series known in memory, idle ones included, for each one that may hold detector state: an idle series costs
 * its name only, but ever new names must not grow the process without end.
 */
const KNOWN_PER_ACTIVE_MAX = 10;

const ITEM_EXAMPLE = 'send an object such as {"timestamp": 1743548330, "latency": 312.0, "cpu": 100}';

const NONE_REJECTED: readonly Rejection[] = [];
const NO_CODES: ReadonlyMap<RejectCode, number> = new Map();

export interface AcceptOptions {
  readonly registry: SeriesRegistry;
  readonly active: ActiveSeries;
  readonly clock: Clock;
  readonly retentionMs: number;
  /** Default 1,000. */
  readonly rejectionsListedMax?: number;
  /** After how long without samples a series makes room, in words. Default `a day`. */
  readonly idleWords?: string;
}

/** What became of the items of one request. */
export interface Accepted {
  readonly batch: SampleBatch;
  /** In the order sent, at most `rejectionsListedMax`. */
  readonly rejected: readonly Rejection[];
  /** All of them, by code. */
  readonly rejectedByCode: ReadonlyMap<RejectCode, number>;
}

/**
 * Turns items as they were sent into samples of known series, and says of everything else why not. Synchronous;
 * stores nothing. New series get their id here, so one may be known here and not yet in the store.
 */
export class Acceptor {
  readonly #options: AcceptOptions;
  readonly #labelReader = new LabelReader();
  readonly #columns = new SampleColumnsBuilder();
  #rejected: Rejection[] | undefined;
  #rejectedByCode: Map<RejectCode, number> | undefined;
  #span = { oldestMs: 0, newestMs: 0 };
  #nowS = 0;

  constructor(options: AcceptOptions) {
    this.#options = options;
  }

  /** `items` is one object or an array of objects, sent at `sentMs`: past and future are seen from there. */
  accept(items: unknown, sentMs = this.#options.clock.nowMs()): Accepted {
    this.#nowS = Math.max(1, Math.floor(this.#options.clock.nowMs() / 1000));
    this.#span = { oldestMs: sentMs - this.#options.retentionMs, newestMs: sentMs + FUTURE_MAX_MS };
    this.#rejected = undefined;
    this.#rejectedByCode = undefined;
    this.#columns.clear();
    if (!Array.isArray(items)) this.#acceptItem(items, 0);
    else if (items.length === 0)
      this.#reject(0, undefined, 'no_values', `the array is empty; ${ITEM_EXAMPLE}`);
    else for (let index = 0; index < items.length; index++) this.#acceptItem(items[index], index);
    return {
      batch: this.#columns.toBatch(),
      rejected: this.#rejected ?? NONE_REJECTED,
      rejectedByCode: this.#rejectedByCode ?? NO_CODES,
    };
  }

  #acceptItem(item: unknown, index: number): void {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      this.#reject(index, undefined, 'not_an_object', `the item is ${quote(item)}; ${ITEM_EXAMPLE}`);
      return;
    }
    const fields = item as Record<string, unknown>;
    const time = readTimestamp(fields.timestamp, this.#span);
    if (typeof time !== 'number') {
      this.#reject(index, 'timestamp', time.code, time.message);
      return;
    }
    const labels = fields.labels;
    const labelText = labels === undefined ? '' : this.#labelReader.read(labels);
    if (typeof labelText !== 'string') {
      this.#reject(index, labelText.field, labelText.code, labelText.message);
      return;
    }
    let values = 0;
    for (const name in fields) {
      if (name === 'timestamp' || name === 'labels') continue;
      values++;
      this.#acceptValue(index, name, fields[name], time, labels, labelText);
    }
    if (values === 0) {
      this.#reject(
        index,
        undefined,
        'no_values',
        `the item has no value beside its timestamp; ${ITEM_EXAMPLE}`,
      );
    }
  }

  #acceptValue(
    index: number,
    name: string,
    value: unknown,
    timeMs: number,
    labels: unknown,
    labelText: string,
  ): void {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      const message = `${cut(name)} is ${quote(value)}; a value is a finite number without quotes, and one that is not known is left out`;
      this.#reject(index, cut(name), 'value_not_finite', message);
      return;
    }
    const { registry, active } = this.#options;
    const key = labelText === '' ? name : name + labelText;
    const series = registry.byKey(key) ?? this.#nameSeries(index, key, name, labels);
    if (series === undefined) return;
    if (!active.touch(series.id, this.#nowS)) {
      this.#rejectForLimit(index, name);
      return;
    }
    this.#columns.add(series.id, timeMs, value);
  }

  #nameSeries(index: number, key: string, name: string, labels: unknown): Series | undefined {
    const fault = checkSeriesName(name);
    if (fault !== undefined) {
      this.#reject(index, fault.field, fault.code, fault.message);
      return undefined;
    }
    const { registry, active } = this.#options;
    if (!active.hasRoom || registry.size >= active.max * KNOWN_PER_ACTIVE_MAX) {
      this.#rejectForLimit(index, name);
      return undefined;
    }
    return registry.add(key, name, { ...(labels as Record<string, string> | undefined) });
  }

  #rejectForLimit(index: number, name: string): void {
    const { active } = this.#options;
    const message = active.hasRoom
      ? `${cut(name)} would be a new series, and ${active.max * KNOWN_PER_ACTIVE_MAX} names are known already; names go with the retention (see --series-max, --retention)`
      : `${cut(name)} would be a new series, and ${active.max} are being watched already; one without samples for ${this.#options.idleWords ?? 'a day'} makes room (see --series-max)`;
    this.#reject(index, cut(name), 'series_limit', message);
  }

  #reject(index: number, field: string | undefined, code: RejectCode, message: string): void {
    // Made for the first of a request: most have none.
    this.#rejectedByCode ??= new Map();
    this.#rejected ??= [];
    this.#rejectedByCode.set(code, (this.#rejectedByCode.get(code) ?? 0) + 1);
    if (this.#rejected.length >= (this.#options.rejectionsListedMax ?? REJECTIONS_LISTED_MAX)) return;
    this.#rejected.push(field === undefined ? { index, code, message } : { index, field, code, message });
  }
}

/** Columns that grow and are used again for each request; a batch gets copies. */
class SampleColumnsBuilder {
  #seriesIds = new Uint32Array(1024);
  #timesMs = new Float64Array(1024);
  #values = new Float64Array(1024);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  add(seriesId: number, timeMs: number, value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    const at = this.#length++;
    this.#seriesIds[at] = seriesId;
    this.#timesMs[at] = timeMs;
    this.#values[at] = value;
  }

  toBatch(): SampleBatch {
    return {
      seriesIds: this.#seriesIds.slice(0, this.#length),
      timesMs: this.#timesMs.slice(0, this.#length),
      values: this.#values.slice(0, this.#length),
    };
  }

  #grow(): void {
    const capacity = this.#values.length * 2;
    const [ids, times, values] = [this.#seriesIds, this.#timesMs, this.#values];
    this.#seriesIds = new Uint32Array(capacity);
    this.#timesMs = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#seriesIds.set(ids);
    this.#timesMs.set(times);
    this.#values.set(values);
  }
}
