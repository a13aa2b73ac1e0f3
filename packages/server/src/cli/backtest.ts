import type { Writable } from 'node:stream';
import { type Backtest, backtest, type TimeWindow } from '@seismo/engine/evaluation';
import { createMultiViewDetector, type DetectorOptions } from '@seismo/engine/streaming';
import { AppError } from '../errors.js';
import { type LabelWindow, readLabels } from '../ingest/csv-labels.js';
import { BadRows } from './bad-rows.js';
import { endOf } from './detect-output.js';
import { type NamedPast, pastOfFile, pastOfStore } from './past-series.js';
import { type RowCell, type RowFormat, RowsWriter } from './rows-output.js';
import type { SqlTransport } from './sql-transport.js';
import { countText } from './terminal.js';

interface BacktestOptions {
  /** Path, `-` for standard input, or a stored series. */
  readonly source: string | { readonly series: string; readonly open: () => Promise<SqlTransport> };
  /** File of labels. */
  readonly labels?: string;
  readonly labelColumn?: string;
  readonly sensitivities: readonly number[];
  /** That of the alarms that are listed. */
  readonly sensitivity: number;
  /** The alarms at `sensitivity`, not the table of sensitivities. */
  readonly listsAlarms: boolean;
  /** All but the sensitivity. */
  readonly detector: DetectorOptions;
  readonly format: RowFormat;
  readonly skipBad: boolean;
  readonly quiet: boolean;
  readonly output: Writable;
  readonly messages: Writable;
}

const SWEEP_COLUMNS = ['series', 'sensitivity', 'alarms', 'alarms_per_week', 'anomalies', 'weeks'];
const LABEL_COLUMNS = [
  'windows',
  'hits',
  'false_alarms',
  'precision',
  'recall',
  'f1',
  'delay_s',
  'nab_score',
];
const ALARM_COLUMNS = [
  'series',
  'time',
  'until',
  'anomalies',
  'value',
  'expected',
  'lower_bound',
  'upper_bound',
  'score',
  'component',
];

/**
 * Prints what would have been told over past data. Memory grows with the data, about 50 bytes a sample. Rejects with
 * an AppError where the file, its labels or the stored series cannot be read.
 */
export async function runBacktest(options: BacktestOptions): Promise<void> {
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels);
  const all = await readPast(options);
  if (labels !== undefined) refuseUnknownSeries(labels, all);
  const labelsOf = (past: NamedPast) =>
    labels?.filter(({ series }) => series === undefined || series === past.series) ?? past.labels;
  const isLabelled = all.some((past) => labelsOf(past) !== undefined);
  await (options.listsAlarms ? printAlarms : printSweep)(options, all, labelsOf, isLabelled);
}

type LabelsOf = (past: NamedPast) => readonly TimeWindow[] | undefined;

async function printSweep(
  options: BacktestOptions,
  all: readonly NamedPast[],
  labelsOf: LabelsOf,
  isLabelled: boolean,
): Promise<void> {
  const columns = [...SWEEP_COLUMNS, ...(isLabelled ? LABEL_COLUMNS : [])];
  const writer = new RowsWriter(options.output, options.format, columns);
  let summary = '';
  for (const past of all) {
    let judged = 0;
    let outside = 0;
    for (const sensitivity of options.sensitivities) {
      const tested = test(options, past, sensitivity, labelsOf(past));
      const { alarms, alarmsPerWeek, anomalies, weeks } = tested;
      judged = tested.judged;
      outside = tested.labelled?.emptyLabels ?? 0;
      await writer.add([
        past.series,
        sensitivity,
        alarms.length,
        alarmsPerWeek,
        anomalies,
        weeks,
        ...labelCells(tested),
      ]);
    }
    summary += summaryOf(past, judged) + outsideText(past, outside);
  }
  await writer.end();
  if (!options.quiet) options.messages.write(summary);
}

function labelCells({ labelled }: Backtest): RowCell[] {
  if (labelled === undefined) return [];
  const { windows, hits, falseAlarms, precision, recall, f1 } = labelled.events;
  return [windows, hits, falseAlarms, precision, recall, f1, labelled.delayMs / 1000, labelled.nab];
}

async function printAlarms(
  options: BacktestOptions,
  all: readonly NamedPast[],
  labelsOf: LabelsOf,
  isLabelled: boolean,
): Promise<void> {
  const columns = [...ALARM_COLUMNS, ...(isLabelled ? ['labelled'] : [])];
  const writer = new RowsWriter(options.output, options.format, columns);
  let count = 0;
  let outside = '';
  for (const past of all) {
    const { timesMs, values } = past;
    const labels = labelsOf(past);
    const { alarms, replayed, labelled } = test(options, past, options.sensitivity, labels);
    count += alarms.length;
    outside += outsideText(past, labelled?.emptyLabels ?? 0);
    for (const { row, lastRow, anomalies, component } of alarms) {
      const timeMs = timesMs[row]!;
      await writer.add([
        past.series,
        timeText(timeMs),
        timeText(timesMs[lastRow]!),
        anomalies,
        values[row],
        replayed.expected[row],
        endOf(replayed.lower[row]!),
        endOf(replayed.upper[row]!),
        replayed.scores[row],
        component,
        ...(labels === undefined
          ? []
          : [labels.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs <= toMs)]),
      ]);
    }
  }
  await writer.end();
  if (!options.quiet) options.messages.write(`${countText(count, 'alarm')}\n${outside}`);
}

/** The very detector of the server. */
function test(
  { detector }: BacktestOptions,
  past: NamedPast,
  falseAlarmsPerWeek: number,
  labels: readonly TimeWindow[] | undefined,
): Backtest {
  return backtest(createMultiViewDetector({ ...detector, falseAlarmsPerWeek }), past, labels);
}

async function readPast({ source, labelColumn, skipBad, messages }: BacktestOptions): Promise<NamedPast[]> {
  if (typeof source !== 'string') {
    const transport = await source.open();
    try {
      return [await pastOfStore(transport, source.series)];
    } finally {
      await transport.close();
    }
  }
  const problems = new BadRows(messages);
  const all = await pastOfFile(source, {
    ...(skipBad ? { onBadRow: (problem) => problems.add(problem) } : {}),
    ...(labelColumn === undefined ? {} : { labelColumn }),
  });
  problems.finish();
  return all;
}

/** A name that is misspelled would look like a series without labels. */
function refuseUnknownSeries(labels: readonly LabelWindow[], all: readonly NamedPast[]): void {
  const known = all.map(({ series }) => series);
  const unknown = labels.find(({ series }) => series !== undefined && !known.includes(series));
  if (unknown === undefined) return;
  throw new AppError('bad_request', `--labels names the series ${unknown.series}, which is not there.`, {
    field: '--labels',
    hint: `There are ${known.slice(0, 8).join(', ')}.`,
  });
}

/** What was read, and of a series that was not judged what it lacks. */
function summaryOf({ timesMs, series }: NamedPast, judged: number): string {
  const [first, last] = [timesMs[0], timesMs[timesMs.length - 1]];
  const span = first === undefined ? '' : `, ${timeText(first)} to ${timeText(last!)}`;
  const learned = (timesMs.length - judged).toLocaleString('en-US');
  const rest = judged === 0 ? 'too few to judge any' : `the first ${learned} learned and not judged`;
  return `${series}: ${countText(timesMs.length, 'sample')}${span}; ${rest}\n`;
}

/** Labels of another time, or of another zone, would look like anomalies that were missed or never there. */
function outsideText({ series }: NamedPast, labels: number): string {
  if (labels === 0) return '';
  return `${series}: ${countText(labels, 'label')} without any sample in between, left out\n`;
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
