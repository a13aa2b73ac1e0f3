import { signal } from '@preact/signals';
import type { JudgedSample } from '@seismo/server/serve/schemas';
import { clockTime } from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import type { ListedAnomaly } from './anomalies.js';
import { unitOfSeries } from './series-unit.js';

/** What a screen reader is told, politely. */
export const announcement = signal('');

/** Alarms of this long are said in one sentence. */
const GATHER_MS = 3_000;
const NAMED_MAX = 3;
let waiting: Alarm[] = [];

/** Of samples, or of the means of whole minutes. */
type Alarm = Pick<ListedAnomaly, 'series' | 'time' | 'value' | 'expected' | 'isMinute'>;

export function announceAlarms(samples: readonly (JudgedSample | ListedAnomaly)[]): void {
  const alarms = samples
    .filter((one) => one.alarm && !('isWithdrawn' in one && one.isWithdrawn))
    .map((one) => ({ ...one, isMinute: 'isMinute' in one && one.isMinute }));
  if (alarms.length === 0) return;
  waiting.push(...alarms);
  if (waiting.length > alarms.length) return;
  setTimeout(() => {
    announcement.value = sentence(waiting);
    waiting = [];
  }, GATHER_MS);
}

function sentence(alarms: readonly Alarm[]): string {
  const [first] = alarms;
  if (alarms.length === 1 && first !== undefined) {
    const time = clockTime(first.time, false);
    const text = numbersOf(first, { unit: unitOfSeries(first.series) });
    const what = first.isMinute ? 'has a mean in that minute of' : 'is';
    return `Alarm at ${time}: ${first.series} ${what} ${text.value}, expected ${text.expected}.`;
  }
  const names = [...new Set(alarms.map((one) => one.series))];
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return `${alarms.length} new alarms: ${names.slice(0, NAMED_MAX).join(', ')}${more}.`;
}
