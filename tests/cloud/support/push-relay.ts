import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { closeNow, listenLocally } from '../../support/local-server.js';

export interface PushRelay {
  /** The push endpoint to give to Pub/Sub. */
  readonly url: string;
  /** Deliveries by the status that the service gave; 0 for those that had no answer. */
  readonly answers: ReadonlyMap<number, number>;
  /** How a delivery goes on; by default `deliver` until it was taken. May be replaced at any time. */
  onDelivery: OnDelivery;
  stop(): Promise<void>;
}

/**
 * `deliver` hands the message to the service again and again until it was taken, as Pub/Sub does; what this function
 * gives is the status that Pub/Sub is told, 0 for no answer at all.
 */
type OnDelivery = (deliver: () => Promise<number>, messageId: string) => Promise<number>;

const AGAIN_MS = 100;

/**
 * Stands between the emulator of Pub/Sub and the service that it pushes to: adds the identity token that Pub/Sub
 * sends and the emulator does not, tries again until the service takes the message (after some failures the emulator
 * would leave the subscription alone for minutes), and delays, repeats and loses what the test says.
 */
export async function startPushRelay(target: () => string, token: () => Promise<string>): Promise<PushRelay> {
  const answers = new Map<number, number>();
  const server = createServer((incoming, answer) => {
    relay(incoming, answer).catch(() => answer.destroy());
  });
  let stopped = false;
  async function deliverUntilTaken(body: Buffer): Promise<number> {
    for (;;) {
      const status = await deliverTo(`${target()}/pubsub/push`, await token(), body);
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (stopped || (status >= 200 && status <= 299)) return status;
      await pause(AGAIN_MS);
    }
  }
  async function relay(incoming: IncomingMessage, answer: ServerResponse) {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { message } = JSON.parse(body.toString()) as { message: { messageId: string } };
    const status = await proxy.onDelivery(() => deliverUntilTaken(body), message.messageId);
    if (status === 0) answer.destroy();
    else answer.writeHead(status).end();
  }
  const port = await listenLocally(server);
  const proxy: PushRelay = {
    url: `http://127.0.0.1:${port}/pubsub/push`,
    answers,
    onDelivery: (deliver) => deliver(),
    async stop() {
      stopped = true;
      await closeNow(server);
    },
  };
  return proxy;
}

async function deliverTo(url: string, token: string, body: Buffer): Promise<number> {
  try {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

/**
 * Delivers every message twice and out of order: the second time comes by itself a while later. Of one in fifty
 * Pub/Sub hears the first time that it was not taken, as when an acknowledgement is lost, and sends it again itself.
 * The emulator has two deliveries on the way at a time, so none of them may wait for long.
 */
export function twiceAndShuffled(random: () => number, laterMsMax = 1500): OnDelivery {
  const delivered = new Set<string>();
  return async (deliver, messageId) => {
    await pause(random() * 10);
    const status = await deliver();
    if (delivered.has(messageId)) return status;
    delivered.add(messageId);
    if (random() < 0.02) return random() < 0.5 ? 503 : 0;
    setTimeout(() => void deliver(), random() * laterMsMax);
    return status;
  };
}
