import { normalPoint } from '@seismo/engine/normal-distribution';
import type { Logger } from '../../logger.js';
import type { ExplainedVerdict, SeasonName, VerdictParts } from '../../ports/model-store.js';
import type { Explanation, VerdictRow } from './duckdb-explanations.js';
import { boundsOf } from './minute-expectation.js';
import type { ModelFiles } from './model-files.js';
import { type ModelPool, ModelTaskError } from './model-pool.js';
import type { ModelTables } from './model-tables.js';
import type { ExplainedColumns } from './model-tasks.js';

/** What a model says twice of one minute differs by rounding at most. */
const ROUNDING = 1e-9;
/** Of the interval that is told with a verdict, as with forecasts. */
const CONFIDENCE = 0.95;

export interface VerdictExplanationsParts {
  readonly tables: ModelTables;
  readonly files: ModelFiles;
  readonly pool: ModelPool;
  readonly log: Logger;
  /** Resolves when the round of judging that is under way has ended. */
  readonly judged: () => Promise<void>;
}

/** A model that was replaced: its file is all that is left of it. */
export interface RetiredModel {
  readonly seriesId: number;
  readonly trainedMs: number;
  /** The first minute that it can have judged. */
  readonly fromMs: number;
  /** Resolves when its successor is stored; until then it is not asked. */
  readonly replaced?: Promise<void>;
}

/**
 * Keeps what the minutes of anomalies were judged by. While a model is in use it is asked; before its file goes, what
 * it expected of those minutes is written down, so that each stays explained by the model that judged it.
 */
export class VerdictExplanations {
  readonly #parts: VerdictExplanationsParts;
  /** Models that are being retired, and of which series. */
  readonly #running = new Map<Promise<void>, number>();
  #begun = 0;

  constructor(parts: VerdictExplanationsParts) {
    this.#parts = parts;
  }

  /**
   * Lets the file of a replaced model go once what it judged is explained. Call as soon as nothing is judged by it any
   * more, but for the round that is under way. Never rejects: what fails is done after the next start, when the file is
   * found.
   */
  retire(model: RetiredModel): Promise<void> {
    const { seriesId, trainedMs } = model;
    const retiring = this.#explainLast(model)
      .then(
        () => this.#parts.files.remove(seriesId, trainedMs),
        (error: unknown) => {
          this.#parts.log.debug(
            { seriesId, error: String(error) },
            'a replaced model could not be asked yet',
          );
        },
      )
      .finally(() => this.#running.delete(retiring));
    this.#running.set(retiring, seriesId);
    this.#begun++;
    return retiring;
  }

  /** Resolves when no model is being retired. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.keys());
  }

  /** `ask` gives what the present model sees in a span, where there is one. */
  async explain(seriesId: number, fromMs: number, toMs: number, ask: Ask): Promise<ExplainedVerdict[]> {
    const begun = this.#begun;
    const wasRetiring = this.#retiring(seriesId).length > 0;
    const found = await this.#explainNow(seriesId, fromMs, toMs, ask);
    const isKnown = found.every(({ parts }) => parts !== undefined);
    if (isKnown || (!wasRetiring && begun === this.#begun)) return found;
    // A model that is replaced meanwhile is asked no more, and what it expected was not written down yet.
    await Promise.all(this.#retiring(seriesId));
    return this.#explainNow(seriesId, fromMs, toMs, ask);
  }

  #retiring(seriesId: number): Promise<void>[] {
    return [...this.#running].filter(([, id]) => id === seriesId).map(([promise]) => promise);
  }

  async #explainNow(seriesId: number, fromMs: number, toMs: number, ask: Ask): Promise<ExplainedVerdict[]> {
    const verdicts = await this.#parts.tables.verdicts(seriesId, fromMs, toMs);
    const open = verdicts.filter(({ parts }) => parts === undefined);
    if (open.length === 0) return verdicts.map((verdict) => explained(verdict, verdict.parts));
    const columns = await ask({ fromMs: open[0]!.timeMs, toMs: open.at(-1)!.timeMs });
    const known = columns === undefined ? new Map() : expectedParts(columns);
    return verdicts.map((verdict) => explained(verdict, verdict.parts ?? partsFor(verdict, known)));
  }

  async #explainLast({ seriesId, trainedMs, fromMs, replaced }: RetiredModel): Promise<void> {
    const { tables, files, pool, judged } = this.#parts;
    await replaced;
    await judged();
    const { timesMs, expected } = await tables.unexplained(seriesId, fromMs);
    if (timesMs.length === 0) return;
    const file = files.path(seriesId, trainedMs);
    const part = { fromMs: timesMs[0]!, toMs: timesMs.at(-1)! };
    let columns: ExplainedColumns;
    try {
      columns = await pool.run('explain', { file, part });
    } catch (error) {
      // Gone or damaged: there is nothing to be had of it, now or later.
      if (error instanceof ModelTaskError) return;
      throw error;
    }
    const known = expectedParts(columns);
    const found: Explanation[] = [];
    for (const [row, timeMs] of timesMs.entries()) {
      const parts = partsFor({ timeMs, expected: expected[row]! }, known);
      if (parts !== undefined) found.push({ timeMs, expected: expected[row]!, parts });
    }
    if (found.length > 0) await tables.saveExplanations(seriesId, found);
  }
}

/** What a model sees in a span. */
type Ask = (span: { fromMs: number; toMs: number }) => Promise<ExplainedColumns | undefined>;

function explained(verdict: VerdictRow, parts: VerdictParts | undefined): ExplainedVerdict {
  const { timeMs, value, expected, deviation: standardError } = verdict;
  return {
    timeMs,
    value,
    expected,
    standardError,
    ...boundsOf(verdict, normalPoint(CONFIDENCE)),
    ...(parts === undefined ? {} : { parts }),
  };
}

type KnownParts = ReadonlyMap<number, { readonly expected: number; readonly parts: VerdictParts }>;

/** What the model expected of minutes that it had not learned. */
function expectedParts(columns: ExplainedColumns): KnownParts {
  const names = Object.keys(columns.seasons) as SeasonName[];
  const known = new Map<number, { expected: number; parts: VerdictParts }>();
  for (let row = columns.historyRows; row < columns.timesMs.length; row++) {
    const parts: VerdictParts = {
      trend: columns.trend[row]!,
      seasons: Object.fromEntries(names.map((name) => [name, columns.seasons[name]![row]!])),
      holiday: columns.holiday[row]!,
      stepChanges: columns.stepChanges[row]!,
      stepsMs: columns.stepsMs,
    };
    known.set(columns.timesMs[row]!, { expected: columns.values[row]!, parts });
  }
  return known;
}

/** Only of the model that judged the minute: another one expected another value. */
function partsFor(
  { timeMs, expected }: { readonly timeMs: number; readonly expected: number },
  known: KnownParts,
): VerdictParts | undefined {
  const found = known.get(timeMs);
  if (found === undefined) return undefined;
  const isSame =
    Math.abs(found.expected - expected) <= ROUNDING * (Math.abs(found.expected) + Math.abs(expected));
  return isSame ? found.parts : undefined;
}
