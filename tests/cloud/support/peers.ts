import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What tests/cloud runs against. */
const PEERS = {
  pubsub: {
    present: () => gcloudFolder() !== undefined && existsSync(join(gcloudFolder()!, PUBSUB)),
    install:
      'the Pub/Sub emulator: Google Cloud SDK with `gcloud components install beta pubsub-emulator`, and Java',
  },
  bigquery: {
    present: () => existsSync(bigQueryEmulatorCommand()),
    install: 'the BigQuery emulator: `scripts/install-bigquery-emulator.sh`',
  },
} as const;
type Peer = keyof typeof PEERS;

const PUBSUB = 'platform/pubsub-emulator';

/**
 * True where one of these is not installed, which skips the tests that need it and says what to install. With
 * SEISMO_REQUIRE_PEERS=1, as in continuous integration, it throws instead: there nothing may go untested unseen.
 */
export function lacksPeer(...peers: readonly Peer[]): boolean {
  const missing = peers.filter((peer) => !PEERS[peer].present());
  if (missing.length === 0) return false;
  const text = `Not installed: ${missing.map((peer) => PEERS[peer].install).join('; ')}.`;
  if (process.env.SEISMO_REQUIRE_PEERS === '1') throw new Error(text);
  console.log(`Tests are skipped. ${text}`);
  return true;
}

/** The folder that scripts/install-bigquery-emulator.sh fills. */
export function bigQueryEmulatorFolder(): string {
  const given = process.env.SEISMO_BQEMULATOR;
  if (given !== undefined && given !== '') return given;
  const cache =
    process.env.SEISMO_CI_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'seismo-ci');
  return join(cache, 'bqemulator');
}

function bigQueryEmulatorCommand(): string {
  return join(bigQueryEmulatorFolder(), 'bin/bqemulator');
}

let sdkFolder: string | undefined | null = null;

function gcloudFolder(): string | undefined {
  if (sdkFolder !== null) return sdkFolder;
  try {
    const args = ['info', '--format=value(installation.sdk_root)'];
    sdkFolder = execFileSync('gcloud', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    sdkFolder = undefined;
  }
  return sdkFolder;
}
