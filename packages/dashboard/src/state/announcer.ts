import { signal } from '@preact/signals';
import type { JudgedSample } from '@seismo/server/serve/schemas';
import { clockTime, shortNumber } from '../model/format.js';

/** What a screen reader is told, politely. */
export const announcement = signal('');

/** Alarms of this long are said in one sentence. */
const GATHER_MS = 3_000;
const NAMED_MAX = 3;
let waiting: JudgedSample[] = [];

export function announceAlarms(samples: readonly JudgedSample[]): void {
  const alarms = samples.filter((one) => one.alarm);
  if (alarms.length === 0) return;
  waiting.push(...alarms);
  if (waiting.length > alarms.length) return;
  setTimeout(() => {
    announcement.value = sentence(waiting);
    waiting = [];
  }, GATHER_MS);
}

function sentence(alarms: readonly JudgedSample[]): string {
  const [first] = alarms;
  if (alarms.length === 1 && first !== undefined) {
    const time = clockTime(first.time, false);
    return `Alarm at ${time}: ${first.series} is ${shortNumber(first.value)}, expected ${shortNumber(first.expected)}.`;
  }
  const names = [...new Set(alarms.map((one) => one.series))];
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return `${alarms.length} new alarms: ${names.slice(0, NAMED_MAX).join(', ')}${more}.`;
}
