import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** As a value: the server refuses to tell it. */
const FAULT = 'fault';

const asked: string[] = [];
let server: Server | undefined;

/** A metadata server with these values; the client of Google remembers whether there is one, so load it anew. */
async function readPlaceFrom(values: Record<string, string>, environment: Record<string, string> = {}) {
  server = createServer((request, answer) => {
    const path = (request.url ?? '').replace('/computeMetadata/v1/', '');
    asked.push(path);
    answer.setHeader('metadata-flavor', 'Google');
    const value = path === 'instance' ? '' : values[path];
    if (value === undefined) answer.statusCode = 404;
    if (value === FAULT) answer.statusCode = 403;
    answer.end(value);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('GCE_METADATA_HOST', `127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('METADATA_SERVER_DETECTION', undefined);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.resetModules();
  const { readPlace } = await import('./metadata-server.js');
  return readPlace();
}

afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
  asked.length = 0;
});

describe('the place of a service', () => {
  it('is what the metadata server says, the region without its path', async () => {
    const values = {
      'project/project-id': 'my-project',
      'instance/region': 'projects/123456/regions/us-central1',
    };
    expect(await readPlaceFrom(values)).toEqual({ project: 'my-project', region: 'us-central1' });
  });

  it('is unknown in part where the server does not know it', async () => {
    expect(await readPlaceFrom({ 'project/project-id': 'my-project' })).toEqual({
      project: 'my-project',
      region: undefined,
    });
  });

  it('is not taken for unknown where the server does not answer', async () => {
    const values = { 'project/project-id': 'my-project', 'instance/region': FAULT };
    await expect(readPlaceFrom(values)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^Google's metadata server did not tell the region: /),
    });
  });

  it('is not looked for where that is forbidden', async () => {
    const place = await readPlaceFrom(
      { 'project/project-id': 'my-project' },
      { METADATA_SERVER_DETECTION: 'none' },
    );
    expect(place).toEqual({ project: undefined, region: undefined });
    expect(asked).toEqual([]);
  });
});
