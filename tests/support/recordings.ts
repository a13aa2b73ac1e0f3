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
