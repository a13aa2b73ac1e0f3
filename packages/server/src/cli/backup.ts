import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.js';
import { diskFull, isNoSpace, sizeText } from '../model/free-space.js';
import type { ServerAddress } from './client-settings.js';
import { bodyOf, errorOf, keyHeader, request } from './server-client.js';

/** Fetches a copy from a running server. The file appears under its name only when it is whole. */
export async function backUpServer(server: ServerAddress, to: string): Promise<void> {
  refuseTarget(to);
  const response = await request(server, '/api/backup', { method: 'POST', headers: keyHeader(server) });
  if (!response.ok || response.body === null) throw errorOf(response.status, await bodyOf(response));
  const partial = `${to}.partial`;
  try {
    await pipeline(
      Readable.fromWeb(response.body as import('node:stream/web').ReadableStream),
      createWriteStream(partial),
    );
    const expected = Number(response.headers.get('content-length') ?? Number.NaN);
    const { size } = await stat(partial);
    if (Number.isFinite(expected) && size !== expected) throw new Error(`${size} of ${expected} bytes came`);
    const file = await open(partial, 'r+');
    await file.sync();
    await file.close();
    await rename(partial, to);
  } catch (error) {
    await rm(partial, { force: true });
    if (isNoSpace(error)) throw diskFull(to, error);
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('unreachable', `The backup did not come through whole: ${reason}.`, {
      hint: 'Try again.',
      cause: error,
    });
  }
  await report(to);
}

/** Copies the folder of a stopped server. */
export async function backUpFolder(dataFolder: string, to: string): Promise<void> {
  refuseTarget(to);
  const { backupFolder } = await import('../adapters/embedded/duckdb-offline.js');
  await backupFolder(dataFolder, to);
  await report(to);
}

export async function restoreFolder(file: string, dataFolder: string, replace: boolean): Promise<void> {
  const { restore } = await import('../adapters/embedded/duckdb-offline.js');
  try {
    await restore(file, dataFolder, { replace });
  } catch (error) {
    if (!(error instanceof AppError) || !error.message.includes('holds a database already')) throw error;
    throw new AppError(error.code, error.message, {
      hint: 'Name an empty folder, or replace it with --force.',
    });
  }
  process.stdout.write(
    `Restored ${file} into ${dataFolder}. Start with: seismo serve --data ${dataFolder}\n`,
  );
}

export async function compactFolder(dataFolder: string): Promise<void> {
  const { compactFile } = await import('../adapters/embedded/duckdb-offline.js');
  const { bytesBefore, bytesAfter } = await compactFile(dataFolder);
  process.stdout.write(`${sizeText(bytesBefore)} before, ${sizeText(bytesAfter)} after.\n`);
}

/** Before the server makes its copy for nothing. */
function refuseTarget(path: string): void {
  const folder = dirname(path);
  const fault = existsSync(path)
    ? `The file ${path} exists already.`
    : !existsSync(folder)
      ? `There is no folder ${folder}.`
      : undefined;
  if (fault === undefined) return;
  throw new AppError('bad_request', fault, { hint: 'Name a new file in a folder that is there with --to.' });
}

async function report(path: string): Promise<void> {
  process.stdout.write(`Wrote ${path} (${sizeText((await stat(path)).size)}).\n`);
}
