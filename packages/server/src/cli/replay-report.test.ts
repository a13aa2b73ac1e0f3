import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ReplayReport } from './replay-report.js';

const CLEARED = '\r\x1b[K';
const written: string[] = [];
const wasTerminal = process.stderr.isTTY;

beforeEach(() => {
  written.length = 0;
  process.stderr.isTTY = true;
  vi.useFakeTimers({ toFake: ['performance'] });
  const keep = (text: string | Uint8Array) => written.push(String(text)) > 0;
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
});
afterEach(() => {
  process.stderr.isTTY = wasTerminal;
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A report with its bar on the screen. */
function drawn(): ReplayReport {
  const report = new ReplayReport(false, true);
  report.sent([{ line: 7, timeMs: 0, values: Float64Array.of(1) }], {
    accepted: 1,
    rejected: [],
    rejectedCount: 0,
  });
  vi.advanceTimersByTime(3000);
  report.progress(0.5);
  expect(written.splice(0)).toEqual([expect.stringMatching(/\] 50% 1 samples$/)]);
  return report;
}

test.each([
  [
    'a new try',
    (report: ReplayReport) => report.retry('the disk is full'),
    /^Trying again: the disk is full\n$/,
  ],
  ['a bad row', (report: ReplayReport) => report.badRow({ line: 8, message: 'no number' }, 1), /^line 8: no/],
  ['an interruption', (report: ReplayReport) => report.breakOff(), /^Interrupted after line 7;/],
  [
    'the summary',
    (report: ReplayReport) => report.finish(),
    /^Sent 1 sample in 3.0 s: 1 accepted, 0 rejected/,
  ],
])('the bar is off the line before %s is told', (_what, tell, words) => {
  tell(drawn());
  expect(written).toEqual([CLEARED, expect.stringMatching(words)]);
});
