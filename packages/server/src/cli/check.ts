import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import { sizeText } from '../model/free-space.js';
import { completeConfig } from '../roles/complete-config.js';
import { refuseTakenPort, refuseTakenStoragePort } from './listen.js';
import { exitCodeOf } from './print-error.js';
import { refusePublicWithoutKey } from './public-address.js';
import { countText } from './terminal.js';
import { DASHBOARD_FOLDER } from './version.js';

/** Looks at each thing that `serve` needs, prints a line about it, and gives the exit code. */
export async function check(config: Config): Promise<number> {
  const looks: Look[] = [
    ['node', checkNode],
    ...(config.role === 'migrate' ? [] : listeningLooks(config)),
    ...(config.role === 'embedded' ? embeddedLooks(config) : roleLooks(config)),
  ];
  const faults: AppError[] = [];
  for (const [name, look] of looks) {
    try {
      process.stdout.write(`ok     ${name.padEnd(12)} ${await look()}\n`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      process.stdout.write(`fault  ${name.padEnd(12)} ${error.message}\n`);
      if (error.hint !== undefined) process.stdout.write(`${' '.repeat(20)}${error.hint}\n`);
      faults.push(error);
    }
  }
  const [first] = faults;
  if (first === undefined) {
    process.stdout.write('\nAll is well: `seismo serve` with the same flags will start.\n');
    return 0;
  }
  process.stdout.write(`\n${countText(faults.length, 'fault')} to mend before \`seismo serve\`.\n`);
  return exitCodeOf(first);
}

type Look = readonly [name: string, look: () => Promise<string> | string];

function listeningLooks(config: Config): Look[] {
  return [
    ['access', () => checkAccess(config)],
    ['port', () => checkPort(config)],
  ];
}

function embeddedLooks(config: Config): Look[] {
  return [
    ...(config.bigqueryStoragePort === undefined
      ? []
      : [['storage port', () => checkStoragePort(config)] as const]),
    ['data folder', () => checkFolder(config)],
    ['free space', () => checkSpace(config)],
    ['database', () => checkDatabase(config)],
    ['page', checkPage],
  ];
}

function roleLooks(config: Config): Look[] {
  return [
    ['role', () => config.role],
    ['project', () => checkProject(config)],
    ...(config.role === 'processmetrics' ? [['tokens', () => TOKEN_CHECKS[config.pushAuth]] as const] : []),
  ];
}

const TOKEN_CHECKS: Record<Config['pushAuth'], string> = {
  verify: 'of Pub/Sub and Cloud Scheduler are checked in full (--push-auth verify)',
  iam: 'are believed as Cloud Run lets them through (--push-auth iam): right only where it asks for an identity',
};

async function checkProject(config: Config): Promise<string> {
  const complete = await completeConfig(config);
  const { project, region, dataset } = { ...config, ...complete };
  return `${project}, dataset ${dataset}${region === undefined ? '' : ` in ${region}`}`;
}

function checkNode(): string {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return `Node ${process.versions.node}`;
  throw new AppError('usage', `Node ${process.versions.node} is too old.`, {
    hint: 'Seismo needs Node 20 or newer.',
  });
}

function checkAccess(config: Config): string {
  refusePublicWithoutKey(config);
  const count = config.apiKeys.length;
  if (config.auth === 'iam') return "Cloud Run's own check (--auth iam)";
  if (count === 0 && config.role === 'processmetrics') return 'identity tokens only, no key';
  if (count === 0) return config.insecure ? 'no key is asked for (--insecure)' : 'this machine only, no key';
  return `${count} ${count === 1 ? 'key' : 'keys'}`;
}

async function checkPort(config: Config): Promise<string> {
  await refuseTakenPort(config);
  return `${config.port === 0 ? 'a free one' : config.port} on ${config.host}`;
}

async function checkStoragePort(config: Config): Promise<string> {
  await refuseTakenStoragePort(config);
  return `${config.bigqueryStoragePort === 0 ? 'a free one' : config.bigqueryStoragePort} for the Storage Write API`;
}

/** The folder itself, or the nearest one above it where it will be made, may be written. */
function checkFolder(config: Config): string {
  const nearest = nearestExisting(config.dataFolder);
  const made = nearest === resolve(config.dataFolder) ? '' : ', will be made';
  try {
    if (!statSync(nearest).isDirectory()) throw new Error('it is a file');
    // /proc and the like let root write, and keep nothing.
    if (statfsSync(nearest).blocks === 0) throw new Error('it is no place for files');
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('data_folder_unusable', `${nearest} may not be written: ${reason}.`, {
      hint: 'Give the folder to the user that runs Seismo, or name another with --data.',
    });
  }
  return `${config.dataFolder}${made}`;
}

function checkSpace(config: Config): string {
  const { bavail, bsize } = statfsSync(nearestExisting(config.dataFolder));
  const free = bavail * bsize;
  const text = `${sizeText(free)} free, ${sizeText(config.diskReserveBytes)} kept in reserve`;
  if (free > config.diskReserveBytes) return text;
  throw new AppError('storage_full', `${text}: new samples would be refused.`, {
    hint: 'Make room, or lower --disk-reserve.',
  });
}

async function checkDatabase(config: Config): Promise<string> {
  const { inspectFolder } = await import('../adapters/embedded/duckdb-offline.js');
  const found = await inspectFolder(config.dataFolder);
  if (found === undefined) return 'none yet, will be made';
  return `${sizeText(found.bytes)}, version ${found.version}`;
}

function checkPage(): string {
  if (existsSync(join(DASHBOARD_FOLDER, 'index.html'))) return 'built';
  throw new AppError('not_found', 'The page is not built.', { hint: 'Run `npm run build`.' });
}

function nearestExisting(path: string): string {
  let folder = resolve(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
