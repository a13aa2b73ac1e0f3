import type { LabelWindow } from './backtest-messages.js';

/** `10-20,30.5-40`: seconds since 1970, for the address. */
export function writeLabels(windows: readonly LabelWindow[]): string {
  return windows.map(({ fromMs, toMs }) => `${fromMs / 1000}-${toMs / 1000}`).join(',');
}

/** What makes no sense is left out; null where nothing is written. */
export function readLabels(text: string): LabelWindow[] | null {
  if (text === '') return null;
  return text.split(',').flatMap((one) => {
    const match = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(one);
    if (match === null) return [];
    const [fromMs, toMs] = [Number(match[1]) * 1000, Number(match[2]) * 1000];
    return fromMs <= toMs ? [{ fromMs, toMs }] : [];
  });
}

/**
 * Labels of one series out of a CSV file with the columns `from` and `to`, and maybe `series`. Times are seconds since
 * 1970 or dates; without a zone they are UTC.
 * @throws Error with a sentence for a person
 */
export function parseLabelFile(text: string, series: string): LabelWindow[] {
  const [head = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const columns = cellsOf(head);
  const [from, to, of] = [columns.indexOf('from'), columns.indexOf('to'), columns.indexOf('series')];
  if (from < 0 || to < 0) throw new Error('The first line must name the columns from,to (and maybe series).');
  const windows: LabelWindow[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const cells = cellsOf(line);
    if (of >= 0 && cells[of] !== series) continue;
    const [fromMs, toMs] = [timeOf(cells[from]), timeOf(cells[to])];
    if (fromMs === null || toMs === null) {
      throw new Error(`Line ${index + 2}: give times as seconds since 1970, or like 2026-03-12T14:00:00Z.`);
    }
    if (fromMs > toMs) throw new Error(`Line ${index + 2}: “to” must not be earlier than “from”.`);
    windows.push({ fromMs, toMs });
  }
  return windows;
}

/** Cells may be quoted, with quotes doubled in them. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted?.replaceAll('""', '"') ?? plain ?? '').trim(),
  );
}

function timeOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
  const timeMs = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(timeMs) ? null : timeMs;
}
