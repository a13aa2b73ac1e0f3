import { VERDICT_STATES } from '@seismo/engine/streaming';
import type { Anomaly } from '../../model/verdict.js';
import { readFound } from './duckdb-anomaly-reader.js';
import {
  type Excursion,
  type MinuteColumns,
  minuteKey,
  type Read,
  readAround,
  readExcursions,
  readUnjudged,
  readWatermark,
  type Stretch,
  type Watermark,
} from './duckdb-minutes.js';
import { newestSeq } from './duckdb-models.js';
import type { RoundReply, RoundRequest } from './duckdb-protocol.js';
import type { DuckDbWriter } from './duckdb-writer.js';
import { judgeFresh, judgeLate, type MinuteFindings } from './judge-minutes.js';

const NO_DATA = VERDICT_STATES.indexOf('no_data');

/** What a round needs of whoever holds the database. */
export interface RoundStore {
  readonly read: Read;
  readonly write: (work: (writer: DuckDbWriter) => Promise<void>) => Promise<unknown>;
  /** From then on no further stretch is begun: the next round goes on after the last one. */
  readonly isStopped: () => boolean;
}

/**
 * One round of judging. Every stretch is written in one transaction, with the watermark that it reaches: after a crash
 * the next round goes on from there, and nothing is judged or told twice.
 */
export async function judgeRound(store: RoundStore, request: RoundRequest): Promise<RoundReply> {
  const { read, write } = store;
  const from = await read(readWatermark);
  const tally = new Tally(from);
  if (from.closedMs === 0) {
    // The first round of all: what came before has no model that could judge it.
    const watermark = { closedMs: request.closedMs, seq: await read(newestSeq) };
    await write((writer) => writer.noteWatermark(watermark));
    return tally.reply(watermark);
  }
  if (request.closedMs <= from.closedMs) return tally.reply(from);
  const fresh: { excursions?: Map<number, Excursion> } = {};
  for await (const stretch of readUnjudged(read, from, request.closedMs)) {
    const findings = await judge(read, stretch, request.threshold, from.closedMs, fresh);
    await write((writer) => writer.writeMinutes(findings, stretch));
    tally.add(findings, stretch);
    if (store.isStopped()) break;
  }
  return tally.reply();
}

async function judge(
  read: Read,
  { minutes, late }: Stretch,
  threshold: number,
  closedMs: number,
  fresh: { excursions?: Map<number, Excursion> },
): Promise<MinuteFindings> {
  if (late) {
    const [firstMs, lastMs] = ends(minutes);
    const around = await read((connection) => readAround(connection, minutes.seriesIds, firstMs, lastMs));
    const found = await read((connection) => readFound(connection, minutes.seriesIds, firstMs, lastMs));
    return judgeLate(
      minutes,
      threshold,
      around,
      new Map(found.map((one) => [minuteKey(one.seriesId, one.timeMs), one])),
    );
  }
  fresh.excursions ??= await read((connection) => readExcursions(connection, closedMs));
  return judgeFresh(minutes, threshold, fresh.excursions);
}

function ends({ timesMs }: MinuteColumns): [firstMs: number, lastMs: number] {
  return timesMs.reduce<[number, number]>(
    ([first, last], timeMs) => [Math.min(first, timeMs), Math.max(last, timeMs)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

class Tally {
  #watermark: Watermark;
  #judged = 0;
  #noData = 0;
  #rejudged = 0;
  readonly #withdrawn: Anomaly[] = [];
  readonly #anomalies: Anomaly[] = [];
  readonly #changed = new Set<number>();
  readonly #newest = new Map<number, { timeMs: number; state: number }>();

  constructor(from: Watermark) {
    this.#watermark = from;
  }

  add({ judged, anomalies, withdrawn }: MinuteFindings, { late, last }: Stretch): void {
    if (last !== undefined) this.#watermark = last;
    for (const one of anomalies) this.#anomalies.push(one);
    for (const one of withdrawn) this.#withdrawn.push(one);
    if (late) {
      this.#rejudged += judged.states.length;
      for (const id of judged.seriesIds) this.#changed.add(id);
    }
    for (let row = 0; row < judged.states.length && !late; row++) {
      const state = judged.states[row]!;
      if (state === NO_DATA) this.#noData++;
      else this.#judged++;
      this.#newest.set(judged.seriesIds[row]!, { timeMs: judged.timesMs[row]!, state });
    }
  }

  reply(watermark = this.#watermark): RoundReply {
    const newest = [...this.#newest.values()];
    return {
      watermark,
      judged: this.#judged,
      noData: this.#noData,
      rejudged: this.#rejudged,
      withdrawn: this.#withdrawn,
      anomalies: this.#anomalies,
      changed: Uint32Array.from(this.#changed),
      newest: {
        seriesIds: Uint32Array.from(this.#newest.keys()),
        timesMs: Float64Array.from(newest, (one) => one.timeMs),
        states: Uint8Array.from(newest, (one) => one.state),
      },
    };
  }
}
