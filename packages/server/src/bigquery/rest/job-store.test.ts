import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLogger } from '../../logger.js';
import { JobStore } from './job-store.js';
import { RestError } from './rest-error.js';
import { ResultFiles } from './result-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seismo-jobs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('tells the end of a job once it is written down', async () => {
  const files = new ResultFiles(folder);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const write = files.writeRecord.bind(files);
  const asked = vi.spyOn(files, 'writeRecord').mockImplementation(async (id, record) => {
    await held;
    await write(id, record);
  });
  const clock = { nowMs: () => 1_743_548_330_000 };
  const jobs = await JobStore.open(files, clock, silentLogger);
  const job = jobs.start({ projectId: 'test', kind: 'QUERY', configuration: {} }, () =>
    Promise.reject(new RestError('invalidQuery', 'of the work')),
  );
  await expect.poll(() => asked.mock.calls.length).toBe(1);
  expect(job.record).toMatchObject({ state: 'RUNNING' });
  expect(job.record.errorResult).toBeUndefined();
  letGo();
  await job.done;
  expect(job.record).toMatchObject({
    state: 'DONE',
    errorResult: { message: 'of the work' },
  });
  const again = await JobStore.open(new ResultFiles(folder), clock, silentLogger);
  expect(again.get('test', job.record.jobId).record).toEqual(job.record);
});
