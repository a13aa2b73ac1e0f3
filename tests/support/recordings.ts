import { readFileSync } from 'node:fs';

/** The rows of a recording in examples/, as they stand there. */
export function readRecording(file: string): { timeMs: number; value: number }[] {
  const text = readFileSync(new URL(`../../examples/${file}`, import.meta.url), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  return rows.map((row) => {
    const [time, value] = row.split(',') as [string, string];
    return { timeMs: Date.parse(`${time.replace(' ', 'T')}Z`), value: Number(value) };
  });
}

/** Windows of NAB's labels (Lavin & Ahmad 2015) around the incidents of each recording. */
export const INCIDENTS: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  'ec2_request_latency_system_failure.csv': [
    ['2014-03-14T03:31:00Z', '2014-03-14T14:41:00Z'],
    ['2014-03-18T17:06:00Z', '2014-03-19T04:16:00Z'],
    ['2014-03-20T21:26:00Z', '2014-03-21T03:41:00Z'],
  ],
  'ec2_cpu_utilization_825cc2.csv': [['2014-04-15T07:24:00Z', '2014-04-16T11:54:00Z']],
};

/** How many alarms of a recording lie in the window of each incident, and elsewhere; `endMs` is where its end was moved. */
export function alarmsByIncident(
  file: string,
  alarmTimesMs: readonly number[],
  endMs: number,
): { incidents: number[]; elsewhere: number } {
  const shiftMs = endMs - Math.max(...readRecording(file).map(({ timeMs }) => timeMs));
  const incidents = INCIDENTS[file]!.map(([from, to]) => {
    const isWithin = (timeMs: number) =>
      timeMs - shiftMs >= Date.parse(from) && timeMs - shiftMs <= Date.parse(to);
    return alarmTimesMs.filter(isWithin).length;
  });
  return { incidents, elsewhere: alarmTimesMs.length - incidents.reduce((sum, count) => sum + count, 0) };
}
