import type { ModelItem, ModelsBody } from '@seismo/server/serve/model-schemas';
import { clockTime, span } from './format.js';

/** What ran, as far as it tells why there is nothing. */
export interface RunFacts {
  readonly sql: string;
  readonly failure: string | null;
  /** Whether a statement that gives rows gave none. */
  readonly isEmpty: boolean;
}

export interface ServerFacts {
  /** The models of the series' minutes; null where nobody asked or knows. */
  readonly models: Pick<ModelsBody, 'models' | 'count' | 'queue'> | null;
  readonly seriesCount: number;
  /** Whether `latency` or `cpu` comes without labels, as metrics_table has them. */
  readonly hasPlain: boolean;
  readonly now: number;
}

/** Whether why there is nothing may be a matter of the server's own models. */
export function asksServersModels({ sql }: RunFacts): boolean {
  return /series_anomalies/i.test(sql);
}

/** Why a statement gave nothing, or less than all series, and when it will: what the job itself does not say. */
export function notesOf(run: RunFacts, server: ServerFacts): string[] {
  const notes: string[] = [];
  const { sql, failure, isEmpty } = run;
  if (asksServersModels(run) && failure === null && server.models !== null) {
    const note = modelsNote(server.models, server.now, isEmpty);
    if (note !== null) notes.push(note);
  }
  const hasNothing = isEmpty || failure?.includes('no rows') === true;
  if (hasNothing && /metrics_table/i.test(sql) && !server.hasPlain) {
    notes.push(
      'metrics_table has the series latency and cpu that are posted without labels, and there are none yet. ' +
        `All ${server.seriesCount} series of this server are in metrics_dataset.samples.`,
    );
  }
  if (failure?.includes('latency_anomalies was not found') === true) {
    notes.push('“Train a model”, above, makes it.');
  }
  return notes;
}

/** When series that the job left out will have a model. */
function modelsNote(
  { models, count, queue }: NonNullable<ServerFacts['models']>,
  now: number,
  isEmpty: boolean,
): string | null {
  if (queue === null) return 'This server keeps no models of its series, so that series_anomalies is empty.';
  if (count === 0) {
    return 'No series has a whole minute of data yet. Once one has, the page “Models” shows how many a model needs.';
  }
  const without = models.filter(({ trained_at }) => trained_at === null);
  // What has models and is empty is so by the statement.
  if (without.length === 0 || (without.length < models.length && isEmpty)) return null;
  return [...waitWords(without, now), 'The page “Models” shows how far each series is.'].join(' ');
}

function waitWords(without: readonly ModelItem[], now: number): string[] {
  const early = without.flatMap(({ series, have, need }) =>
    have === null || need === null ? [] : [{ series, have, need, missing: need - have }],
  );
  const failed = without.filter(({ state }) => state === 'failed');
  const next = without.length - early.length - failed.length;
  const words: string[] = [];
  if (next > 0) words.push(`${next} ${next === 1 ? 'is' : 'are'} being trained or next to be.`);
  if (failed.length > 0) words.push(`${failed.length} failed: ${failed[0]!.error ?? 'nothing was said why'}`);
  if (early.length > 0) {
    const first = early.reduce((a, b) => (b.missing < a.missing ? b : a));
    const seconds = first.missing * 60;
    words.push(
      `A model needs ${first.need} minutes with data: ${first.series} has ${first.have}, and with data in every minute ` +
        `it can be trained in ${span(seconds)}, at ${clockTime(now + seconds, true).slice(0, 5)} UTC.`,
    );
  }
  return words;
}
