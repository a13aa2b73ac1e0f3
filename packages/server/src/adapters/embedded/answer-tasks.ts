import { parentPort } from 'node:worker_threads';
import type { WorkerReply } from './worker-pool.js';

/** The side of a WorkerPool that runs in its threads: answers each task in turn; what it throws rejects the task. */
export function answerTasks<Task, Answer>(answer: (task: Task) => Answer): void {
  const port = parentPort!;
  port.on('message', (task: Task) => {
    let reply: WorkerReply<Answer>;
    try {
      reply = { answer: answer(task) };
    } catch (error) {
      reply = { error: error instanceof Error ? error : new Error(String(error)) };
    }
    port.postMessage(reply, 'answer' in reply ? buffersIn(reply.answer) : []);
  });
}

/** The buffers of all arrays of numbers in plain data: they move instead of being copied. */
export function buffersIn(data: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const walk = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    if (ArrayBuffer.isView(one)) {
      if (one.buffer instanceof ArrayBuffer) found.add(one.buffer);
    } else for (const part of Object.values(one)) walk(part);
  };
  walk(data);
  return [...found];
}
