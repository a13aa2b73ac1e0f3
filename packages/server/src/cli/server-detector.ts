import type { DetectorOptions, Direction } from '@seismo/engine/streaming';
import type { ServerAddress } from './client-settings.js';
import { bodyOf, errorOf, keyHeader, request } from './server-client.js';

/** How a running server judges samples. */
export type ServerDetector = Required<
  Pick<DetectorOptions, 'timeZone' | 'direction' | 'leastDeviation' | 'leastRelativeDeviation'>
> & { readonly sensitivity: number };

/** Asks it. Rejects with `unreachable`, or with what the server says, an AppError. */
export async function askServerDetector(server: ServerAddress): Promise<ServerDetector> {
  const response = await request(server, '/api/series?limit=1', { headers: keyHeader(server) });
  const body = await bodyOf(response);
  if (!response.ok) throw errorOf(response.status, body);
  const { detector } = body as { detector: DetectorAnswer };
  return {
    sensitivity: detector.sensitivity,
    timeZone: detector.time_zone,
    direction: detector.direction,
    leastDeviation: detector.least_deviation,
    leastRelativeDeviation: detector.least_relative_deviation,
  };
}

interface DetectorAnswer {
  readonly sensitivity: number;
  readonly time_zone: string;
  readonly direction: Direction;
  readonly least_deviation: number;
  readonly least_relative_deviation: number;
}
