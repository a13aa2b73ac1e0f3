import type { SeriesRegistry } from '../../model/series-registry.js';
import type { Anomaly } from '../../model/verdict.js';
import type { Detection, JudgedCommit } from '../../ports/detection.js';
import { anomalyItem } from '../anomaly-item.js';
import { judgedRow, newestSample } from '../judged-sample.js';
import type { JudgedSample, LiveAnomalies, LiveHeartbeat, LiveReset, LiveSamples } from '../schemas.js';
import type { SeriesSelection } from '../series-selection.js';

/** Most samples in one event: more could not be drawn, and one event must not hold up the others. */
const EVENT_SAMPLES_MAX = 2000;

const ANOMALOUS = 2;

export interface LiveSources {
  readonly registry: SeriesRegistry;
  readonly detection: Detection;
}

/**
 * The samples of these commits as one event, or undefined when none is of the selection. Where there are too
 * many, every anomalous one and the newest of each series are kept as far as they fit, and `skipped` counts
 * the others.
 */
export function samplesEvent(
  commits: readonly JudgedCommit[],
  selection: SeriesSelection,
  sources: LiveSources,
): string | undefined {
  const rows = thinned(matchingRows(commits, selection, sources.registry));
  if (rows.kept.length === 0) return undefined;
  const samples = rows.kept
    .map(({ judged, row }) => judgedRow(judged, row, sources.registry, sources.detection))
    .filter((sample) => sample !== undefined);
  return samplesText(commits.at(-1)!.commit.seq, samples, rows.skipped);
}

/** The newest sample of each series of the selection, anomalous ones first, as one event. */
export function newestEvent(seq: number, selection: SeriesSelection, sources: LiveSources): string {
  const samples: JudgedSample[] = [];
  for (const series of sources.registry.values()) {
    if (!selection.matches(series)) continue;
    const now = sources.detection.now(series.id);
    if (now !== undefined) samples.push(newestSample(series, now));
  }
  if (samples.length > EVENT_SAMPLES_MAX) samples.sort((a, b) => Number(b.is_anomaly) - Number(a.is_anomaly));
  const kept = samples.slice(0, EVENT_SAMPLES_MAX);
  return samplesText(seq, kept, samples.length - kept.length);
}

/** What was found in whole minutes, as far as it is of the selection, alarms first where it is too much; or undefined. */
export function anomaliesEvent(
  seq: number,
  found: readonly Anomaly[],
  selection: SeriesSelection,
  { registry }: LiveSources,
): string | undefined {
  const wanted = found.filter(({ seriesId }) => selection.matchesId(seriesId, registry));
  if (wanted.length === 0) return undefined;
  if (wanted.length > EVENT_SAMPLES_MAX) wanted.sort((a, b) => Number(b.alarm) - Number(a.alarm));
  const anomalies = wanted.slice(0, EVENT_SAMPLES_MAX).flatMap((one) => {
    const series = registry.byId(one.seriesId);
    return series === undefined ? [] : [anomalyItem(one, series)];
  });
  const skipped = wanted.length - Math.min(wanted.length, EVENT_SAMPLES_MAX);
  const body: LiveAnomalies = skipped === 0 ? { anomalies } : { anomalies, skipped };
  return event('anomalies', seq, body);
}

export function resetEvent(seq: number, reason: LiveReset['reason']): string {
  const body: LiveReset = { reason };
  return event('reset', seq, body);
}

export function heartbeatEvent(seq: number, timeMs: number): string {
  const body: LiveHeartbeat = { time: timeMs / 1000 };
  return event('heartbeat', seq, body);
}

function samplesText(seq: number, samples: JudgedSample[], skipped: number): string {
  const body: LiveSamples = skipped === 0 ? { seq, samples } : { seq, samples, skipped };
  return event('samples', seq, body);
}

function event(name: string, seq: number, body: unknown): string {
  return `event: ${name}\nid: ${seq}\ndata: ${JSON.stringify(body)}\n\n`;
}

interface Row {
  readonly judged: JudgedCommit;
  readonly row: number;
}

function matchingRows(
  commits: readonly JudgedCommit[],
  selection: SeriesSelection,
  registry: SeriesRegistry,
): Row[] {
  const rows: Row[] = [];
  for (const judged of commits) {
    const { seriesIds } = judged.commit.batch;
    for (let row = 0; row < seriesIds.length; row++) {
      if (selection.matchesId(seriesIds[row]!, registry)) rows.push({ judged, row });
    }
  }
  return rows;
}

function thinned(rows: Row[]): { kept: Row[]; skipped: number } {
  if (rows.length <= EVENT_SAMPLES_MAX) return { kept: rows, skipped: 0 };
  const seen = new Set<number>();
  const important = new Set<Row>();
  for (let i = rows.length - 1; i >= 0 && important.size < EVENT_SAMPLES_MAX; i--) {
    const { judged, row } = rows[i]!;
    const seriesId = judged.commit.batch.seriesIds[row]!;
    if (judged.verdicts.states[row] === ANOMALOUS || !seen.has(seriesId)) important.add(rows[i]!);
    seen.add(seriesId);
  }
  const kept = rows.filter((row) => important.has(row));
  return { kept, skipped: rows.length - kept.length };
}
