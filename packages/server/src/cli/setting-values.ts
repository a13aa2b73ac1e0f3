import { closest, distance } from 'fastest-levenshtein';
import type { ApiKey } from '../config.js';

/** Readers of setting values. Each throws an InvalidValue that completes the sentence "--flag …". */
export class InvalidValue extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidValue(`must be a whole number from ${min} to ${max}`);
  };
}

export function numberWithin(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidValue(`must be a number from ${min} to ${max}`);
  };
}

export function leastNumber(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new InvalidValue('must be a number of 0 or more');
}

const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `730d`, `36h`, `90m`: a number and one of ms, s, m, h, d, w. */
export function duration(minMs: number, minText: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text);
    const valueMs = match === null ? Number.NaN : Math.round(Number(match[1]) * UNIT_MS[match[2]!]!);
    if (Number.isNaN(valueMs)) {
      throw new InvalidValue('must be a number with a unit: s, m, h, d or w, for example 7d or 36h');
    }
    if (valueMs < minMs || valueMs > 36_500 * UNIT_MS.d!) {
      throw new InvalidValue(`must be between ${minText} and 36500d`);
    }
    return valueMs;
  };
}

const UNIT_BYTES: Record<string, number> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 1024,
  MIB: 1024 ** 2,
  GIB: 1024 ** 3,
  TIB: 1024 ** 4,
};

/** `512MiB`, `2GB`, or plain bytes. */
export function sizeBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]i?B|B)?$/i.exec(text);
  const unit = match === null ? undefined : UNIT_BYTES[(match[2] ?? '').toUpperCase()];
  if (match === null || unit === undefined) {
    throw new InvalidValue('must be a size, for example 512MiB or 2GB');
  }
  return Math.round(Number(match[1]) * unit);
}

export function sizeBytesFrom(bytesMin: number, minText: string): (text: string) => number {
  return (text) => {
    const bytes = sizeBytes(text);
    if (bytes < bytesMin) throw new InvalidValue(`must be at least ${minText}`);
    return bytes;
  };
}

export function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    throw new InvalidValue(`must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`);
  };
}

/** `true`, `1`, `yes`, `on` and their opposites, as environment variables carry them. */
export function truth(text: string): boolean {
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  throw new InvalidValue('must be true or false');
}

const OFFSET = /^(utc|gmt)?[+-]\d/i;

export function timeZone(text: string): string {
  try {
    // Newer versions of Node take an offset for a zone, older ones do not.
    if (OFFSET.test(text)) throw new RangeError('an offset is no zone');
    new Intl.DateTimeFormat('en-US', { timeZone: text });
    return text;
  } catch {
    throw new InvalidValue(
      'must be a time zone of the IANA list, for example Europe/Berlin',
      timeZoneHint(text.trim().toLowerCase().replaceAll(' ', '_')),
    );
  }
}

function timeZoneHint(text: string): string | undefined {
  if (OFFSET.test(text)) return 'Name the place, not the offset: it changes with summer time.';
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const city = zones.find((zone) => zone.toLowerCase().endsWith(`/${text}`));
  if (city !== undefined) return `Did you mean ${city}?`;
  const near = closest(
    text,
    zones.map((zone) => zone.toLowerCase()),
  );
  if (distance(text, near) > Math.max(1, Math.floor(text.length / 4))) return undefined;
  return `Did you mean ${zones.find((zone) => zone.toLowerCase() === near)}?`;
}

export function folder(text: string): string {
  if (text.trim() === '') throw new InvalidValue('must name a folder');
  return text;
}

/** An address to listen on: a name or an IP number, nothing around it. */
export function hostName(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (/^[A-Za-z0-9.:_%-]+$/.test(bare) && !/^[^:]+:\d+$/.test(bare)) return bare;
  throw new InvalidValue(
    'must be a host name or an IP address, without scheme or port',
    'The port has a flag of its own: --port.',
  );
}

export function hostList(text: string): string[] {
  return commaList(text).map((one) => {
    if (/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.test(one)) return one.toLowerCase();
    throw new InvalidValue('must list host names, with a port or without, separated by commas');
  });
}

export function originList(text: string): string[] {
  return commaList(text).map((one) => {
    if (URL.canParse(one) && /^https?:/.test(one) && new URL(one).origin === one.toLowerCase()) {
      return one.toLowerCase();
    }
    throw new InvalidValue('must list origins such as https://grafana.example.com, without a path');
  });
}

const KEY_LENGTH_MIN = 8;

/** `KEY` or `write:KEY` may write and read, `read:KEY` only read. */
export function apiKeys(text: string): ApiKey[] {
  const keys = commaList(text);
  if (keys.length === 0) throw new InvalidValue('must hold a key');
  return keys.map((one) => {
    const match = /^(?:(read|write):)?([\x21-\x7e]+)$/.exec(one);
    const key = match?.[2] ?? '';
    if (key.length < KEY_LENGTH_MIN) {
      throw new InvalidValue(
        `must hold keys of at least ${KEY_LENGTH_MIN} printable characters without spaces or commas`,
        'Make one with: node -p "crypto.randomBytes(24).toString(\'hex\')"',
      );
    }
    return { key, access: match?.[1] === 'read' ? 'read' : 'write' };
  });
}

/** Takes one kind of text, and says of any other what is right. */
function matching(pattern: RegExp, rightWords: string): (given: string) => string {
  return (given) => {
    if (pattern.test(given)) return given;
    throw new InvalidValue(rightWords);
  };
}

export const project = matching(
  /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{1,28}[a-z0-9]$/,
  "must be a project's id, such as my-project-123, not its name or number",
);
export const region = matching(/^[A-Za-z][A-Za-z0-9-]+$/, 'must be a region, such as us-central1');
export const dataset = matching(
  /^[A-Za-z0-9_]{1,1024}$/,
  'must be the name of a dataset, without its project: letters, digits and underscores',
);
export const topic = matching(
  /^(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/,
  'must be the name of a topic, without projects/…: 3 to 255 letters, digits and -_.~+%, first a letter',
);
export const email = matching(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "must be an account's e-mail address");
export const hostAndPort = matching(
  /^[^\s/:]+:\d{1,5}$/,
  'must be a host and a port, such as 127.0.0.1:9160',
);

export function httpUrl(given: string): string {
  if (URL.canParse(given) && /^https?:/.test(given)) return given;
  throw new InvalidValue('must be a URL that begins with https:// or http://');
}

export function audiences(given: string): string[] {
  const list = commaList(given);
  if (list.length > 0 && list.every((one) => !/\s/.test(one))) return list;
  throw new InvalidValue('must be the audience that tokens are made for, such as https://service.example');
}

function commaList(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
