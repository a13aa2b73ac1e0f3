import { setPriority } from 'node:os';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { buffersIn } from '../../model/number-arrays.js';
import type { WorkerReply } from './worker-pool.js';

/** The side of a WorkerPool that runs in its threads: answers each task in turn; what it throws rejects the task. */
export function answerTasks<Task, Answer>(answer: (task: Task) => Answer | Promise<Answer>): void {
  const port = parentPort!;
  const { niceness } = (workerData ?? {}) as { niceness?: number };
  // On Linux it is the thread's own; elsewhere it would slow the whole process down.
  if (niceness !== undefined && process.platform === 'linux') setPriority(niceness);
  port.on('message', async (task: Task) => {
    let reply: WorkerReply<Answer>;
    try {
      reply = { answer: await answer(task) };
    } catch (error) {
      reply = { error: error instanceof Error ? error : new Error(String(error)) };
    }
    port.postMessage(reply, 'answer' in reply ? buffersIn(reply.answer) : []);
  });
}
