import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PushRelay {
  /** The push endpoint to give to Pub/Sub. */
  readonly url: string;
  /** Deliveries by the status that Pub/Sub got; 0 for those that had no answer. */
  readonly answers: ReadonlyMap<number, number>;
  /**
   * How a delivery goes on; by default straight. `deliver` hands it to the service and gives the status, 0 when it
   * had no answer; what this function gives is what Pub/Sub is told. May be replaced at any time.
   */
  onDelivery: (deliver: () => Promise<number>, messageId: string) => Promise<number>;
  stop(): Promise<void>;
}

/**
 * Stands between the emulator of Pub/Sub and the service that it pushes to: adds the identity token that Pub/Sub
 * sends and the emulator does not, and delays, repeats and loses what the test says.
 */
export async function startPushRelay(target: () => string, token: () => string): Promise<PushRelay> {
  const answers = new Map<number, number>();
  const server = createServer((incoming, answer) => {
    relay(incoming, answer).catch(() => answer.destroy());
  });
  async function relay(incoming: IncomingMessage, answer: ServerResponse) {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { message } = JSON.parse(body.toString()) as { message: { messageId: string } };
    const deliver = () => deliverTo(`${target()}/pubsub/push`, token(), body);
    const status = await proxy.onDelivery(deliver, message.messageId);
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status === 0) answer.destroy();
    else answer.writeHead(status).end();
  }
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const proxy: PushRelay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/pubsub/push`,
    answers,
    onDelivery: (deliver) => deliver(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
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
