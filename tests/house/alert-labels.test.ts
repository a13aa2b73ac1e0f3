import { reportJob } from '@seismo/server/adapters/gcp/model-reports';
import { gcpRecord } from '@seismo/server/cli/gcp-log';
import type { Logger } from '@seismo/server/logger';
import { expect, it } from 'vitest';
import { FILES } from './repository.js';

const monitoring = FILES.find(({ path }) => path === 'terraform/modules/monitoring/main.tf')?.text ?? '';
/** Each alert on log entries: by which text it is found, and what its e-mail takes out of the entry. */
const alerts = [
  ...monitoring.matchAll(/^ {4}(\w+) = \{\n {6}filter\s+= (.*)\n[\s\S]*?extractors = \[(.*)\]$/gm),
].map(([, name, filter, labels]) => ({ name, filter: filter!, labels: labels!.match(/\w+/g) ?? [] }));

const MINUTE = '2026-01-02T03:04:00.000Z';
const JOB = {
  id: 'seismo_1',
  model: 'series_anomalies',
  statement: 'detect-minutes',
  startedMs: Date.parse(MINUTE),
  minutesFromMs: Number.NaN,
};
const ANOMALY = {
  kind: 'anomaly',
  series: 'cpu{host="a"}',
  time: { value: MINUTE },
  value: 25,
  expected: 10,
  anomaly_probability: 1,
  alarm: true,
};
const WRITTEN: Readonly<Record<string, unknown>> = {
  series: 'cpu{host="a"}',
  value: 25,
  expected: 10,
  probability: 1,
  minute: MINUTE,
  reason: 'Quota exceeded.',
};

/** What stands in the log of Google Cloud after these rounds. */
function entries(): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  const options = { project: 'p', service: 'processmetrics', version: '1' };
  const write = (severity: 'INFO' | 'WARNING' | 'ERROR') => (fields: object, message: string) => {
    found.push(gcpRecord(severity, fields, message, options));
  };
  const log: Logger = { debug() {}, info: write('INFO'), warn: write('WARNING'), error: write('ERROR') };
  reportJob({ ...JOB, kind: 'detect', state: 'done' }, [ANOMALY], JOB.startedMs, log);
  for (const kind of ['train', 'detect'] as const) {
    reportJob({ ...JOB, kind, state: 'failed', reason: 'Quota exceeded.' }, [], JOB.startedMs, log);
  }
  return found;
}

it('finds every alert on log entries, with its labels', () => {
  expect(alerts.map(({ name }) => name)).toEqual(['AnomalyFound', 'RoundFailed']);
});

it.each(alerts)(
  '$name: the entry has what the e-mail takes out of it, as it was meant',
  ({ filter, labels }) => {
    const events = filter.match(/(?<=\\")[a-z_]+(?=\\")/g) ?? [];
    for (const event of events.filter((one) => one !== 'cloud_run_revision')) {
      const entry = entries().find((one) => one.event === event);
      const wanted = Object.fromEntries(
        labels.map((label) => [label, label === 'event' ? event : WRITTEN[label]]),
      );
      expect(entry, event).toMatchObject(wanted);
    }
    expect(events.length).toBeGreaterThan(0);
  },
);

it.each(alerts)('$name: no label is a field that Cloud Logging takes out of the entry', ({ labels }) => {
  const special = ['severity', 'message', 'time', 'timestamp', 'httpRequest'];
  expect(labels.filter((label) => special.includes(label))).toEqual([]);
});
