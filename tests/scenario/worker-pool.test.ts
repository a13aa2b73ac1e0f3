import { WorkerPool } from '@seismo/server/adapters/embedded/worker-pool';
import { afterEach, describe, expect, it } from 'vitest';

interface Task {
  readonly kind: 'double' | 'throw' | 'exit';
  readonly values?: Float64Array;
}
interface Answer {
  readonly doubled: Float64Array;
}

let pool: WorkerPool<Task, Answer>;
function open(threadsMax: number, idleMs = 10_000) {
  const script = new URL('support/run-pool-thread.js', import.meta.url);
  pool = new WorkerPool({ script, name: 'test', threadsMax, idleMs });
  return pool;
}
afterEach(() => pool.close());

const double = (value: number): Task => ({ kind: 'double', values: Float64Array.of(value) });

describe('a pool of threads', () => {
  it('gives each task its own answer, more tasks than threads, in any order', async () => {
    open(2);
    const answers = Array.from({ length: 50 }, (_, index) => pool.run(double(index)));
    expect(pool.running).toBe(2);
    expect(pool.waiting).toBe(48);
    expect((await Promise.all(answers)).map(({ doubled }) => doubled[0])).toEqual(
      Array.from({ length: 50 }, (_, index) => 2 * index),
    );
    expect([pool.running, pool.waiting]).toEqual([0, 0]);
  });

  it('takes urgent tasks first, and those in their order', async () => {
    open(1);
    const order: number[] = [];
    const run = async (value: number, urgent: boolean) =>
      order.push((await pool.run(double(value), { urgent })).doubled[0]! / 2);
    await Promise.all([run(1, false), run(2, false), run(3, true), run(4, false), run(5, true)]);
    expect(order).toEqual([1, 3, 5, 2, 4]);
  });

  it('moves what it is told to move', async () => {
    open(1);
    const task = double(1);
    expect((await pool.run(task, { transfer: [task.values!.buffer as ArrayBuffer] })).doubled).toEqual(
      Float64Array.of(2),
    );
    expect(task.values).toHaveLength(0);
  });

  it('rejects with the very error of a task, and goes on', async () => {
    open(1);
    const failed = pool.run({ kind: 'throw' });
    const next = pool.run(double(4));
    await expect(failed).rejects.toThrow(new RangeError('HORIZON is 1 to 10000'));
    await expect(failed).rejects.toBeInstanceOf(RangeError);
    expect((await next).doubled[0]).toBe(8);
  });

  it('rejects the task of a thread that dies, and starts another', async () => {
    open(1);
    const lost = pool.run({ kind: 'exit' });
    const next = pool.run(double(5));
    await expect(lost).rejects.toThrow('ended while it worked');
    expect((await next).doubled[0]).toBe(10);
  });

  it('starts threads anew after they had nothing to do', async () => {
    open(1, 0);
    expect((await pool.run(double(1))).doubled[0]).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await pool.run(double(2))).doubled[0]).toBe(4);
  });

  it('leaves nothing waiting when it is closed', async () => {
    open(1);
    const answers = Promise.allSettled([pool.run({ kind: 'exit' }), pool.run(double(1))]);
    await pool.close();
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(pool.run(double(1))).rejects.toThrow('closed');
  });
});
