import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeNow, listenLocally } from '../../support/local-server.js';

export interface ReceivedRequest {
  readonly items: Record<string, unknown>[];
  readonly headers: IncomingMessage['headers'];
}

/** `close`: cut the connection without an answer. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | 'close';

/**
 * Stands in for a server in trouble: answers as the test says and remembers what it was sent. `listing` is what
 * it answers to GET requests, of which it keeps the addresses.
 */
export async function recordingServer(
  replyTo: (request: ReceivedRequest, index: number) => Reply | undefined,
  listing: Reply = { status: 403 },
) {
  const asked: string[] = [];
  const requests: ReceivedRequest[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      if (request.method === 'GET') {
        asked.push(request.url ?? '');
        return answer(response, listing);
      }
      const received = { items: JSON.parse(text) as Record<string, unknown>[], headers: request.headers };
      requests.push(received);
      const reply = replyTo(received, requests.length - 1) ?? acceptAll(received);
      return answer(response, reply);
    });
  });
  const port = await listenLocally(server);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    asked,
    close: () => closeNow(server),
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === 'close') {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(JSON.stringify(reply.body ?? {}));
}

function acceptAll(request: ReceivedRequest): Reply {
  const values = request.items.map(({ timestamp: _, labels: _labels, ...rest }) => Object.keys(rest).length);
  return { status: 202, body: { accepted: values.reduce((sum, count) => sum + count, 0) } };
}
