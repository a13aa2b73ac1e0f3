import { isIP } from 'node:net';
import type { Config } from '../../config.js';

const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1'];
const REMEMBERED_MAX = 1000;

/**
 * Which Host headers are answered. A foreign page can point a name of its own at this server and then read it
 * as its own origin (DNS rebinding), but it cannot do so without its name in this header.
 */
export class HostCheck {
  readonly #names: ReadonlySet<string>;
  readonly #anyAddress: boolean;
  readonly #accepted = new Set<string>();

  constructor(config: Pick<Config, 'host' | 'allowedHosts'>) {
    this.#names = new Set([...LOCAL_NAMES, config.host, ...config.allowedHosts].map(normalName));
    // Listening on every address, the ones of this machine are not known; an address is no name to rebind.
    this.#anyAddress = config.host === '0.0.0.0' || config.host === '::';
  }

  accepts(host: string | undefined): boolean {
    if (host === undefined) return false;
    if (this.#accepted.has(host)) return true;
    if (!this.#judge(host.toLowerCase())) return false;
    if (this.#accepted.size < REMEMBERED_MAX) this.#accepted.add(host);
    return true;
  }

  #judge(host: string): boolean {
    const name = withoutPort(host);
    if (name === undefined) return false;
    if (this.#names.has(name) || this.#names.has(host)) return true;
    return this.#anyAddress && isIP(name) !== 0;
  }
}

function normalName(name: string): string {
  return name.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

function withoutPort(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(host);
  return match?.[1] ?? match?.[2];
}
