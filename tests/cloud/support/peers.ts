import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What tests/cloud, and what else is for Google Cloud, run against. */
const PEERS = {
  gcloud: {
    present: () => gcloudFolders() !== undefined,
    install: 'the Google Cloud SDK: https://cloud.google.com/sdk/docs/install',
  },
  pubsub: {
    present: () => gcloudFolders() !== undefined && existsSync(join(gcloudFolders()!.sdk, PUBSUB)),
    install:
      'the Pub/Sub emulator: Google Cloud SDK with `gcloud components install beta pubsub-emulator`, and Java',
  },
  bigquery: {
    present: () => existsSync(bigQueryEmulatorCommand()),
    install: 'the BigQuery emulator: `scripts/install-bigquery-emulator.sh`',
  },
  bigqueryPython: {
    present: () => existsSync(join(bigQueryPythonFolder(), 'bin/python')),
    install: "Google's Python client of BigQuery: `scripts/install-bigquery-python.sh`",
  },
} as const;
type Peer = keyof typeof PEERS;

const PUBSUB = 'platform/pubsub-emulator';

/**
 * True where one of these is not installed, which skips the tests that need it and says what to install. With
 * REQUIRE_PEERS=1, as in continuous integration, it throws instead: there nothing may go untested unseen.
 */
export function lacksPeer(...peers: readonly Peer[]): boolean {
  const missing = peers.filter((peer) => !PEERS[peer].present());
  if (missing.length === 0) return false;
  const text = `Not installed: ${missing.map((peer) => PEERS[peer].install).join('; ')}.`;
  if (process.env.REQUIRE_PEERS === '1') throw new Error(text);
  console.log(`Tests are skipped. ${text}`);
  return true;
}

/** The folder that scripts/install-bigquery-emulator.sh fills. */
export function bigQueryEmulatorFolder(): string {
  return peerFolder(process.env.BQEMULATOR, 'bqemulator');
}

/** The folder that scripts/install-bigquery-python.sh fills. */
export function bigQueryPythonFolder(): string {
  return peerFolder(process.env.BIGQUERY_PYTHON, 'bigquery-python');
}

function peerFolder(given: string | undefined, name: string): string {
  if (given !== undefined && given !== '') return given;
  const cache =
    process.env.PEERS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'seismo-ci');
  return join(cache, name);
}

function bigQueryEmulatorCommand(): string {
  return join(bigQueryEmulatorFolder(), 'bin/bqemulator');
}

let folders: { sdk: string; python: string } | undefined | null = null;

/** Where the Google Cloud SDK lies, and the Python that it runs by; undefined where there is none. */
export function gcloudFolders(): { sdk: string; python: string } | undefined {
  if (folders !== null) return folders;
  try {
    const args = ['info', '--format=value(installation.sdk_root, basic.python_location)'];
    const said = execFileSync('gcloud', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [sdk = '', python = ''] = said.trim().split('\t');
    folders = { sdk, python };
  } catch {
    folders = undefined;
  }
  return folders;
}
