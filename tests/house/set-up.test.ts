import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireLock } from '../../scripts/set-up/lock.js';
import { ensureReady, installHint } from '../../scripts/set-up.js';
import { ROOT } from './repository.js';

const root = mkdtempSync(join(tmpdir(), 'seismo-set-up-'));
const source = join(root, 'packages/engine/src/streaming/detector.ts');
const output = join(root, 'packages/engine/dist/streaming/detector.js');

/** What set-up says it did: one line for each thing. */
async function setUp(): Promise<string> {
  const said: string[] = [];
  const out = { write: (text: string) => said.push(text) > 0 } as unknown as NodeJS.WritableStream;
  await ensureReady({ root, out });
  return said.join('').replace(/[\d.]+ s/g, 'N s');
}

const copy = (path: string) => cpSync(join(ROOT, path), join(root, path), { recursive: true });

// Few sources, so that building them is quick.
beforeAll(() => {
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.base.json']) copy(name);
  for (const path of ['engine/src/streaming/detector.ts', 'server/src/errors.ts'])
    copy(join('packages', path));
  for (const name of ['engine', 'server']) {
    for (const file of ['package.json', 'tsconfig.json']) copy(join('packages', name, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('set-up', () => {
  it.each([
    ["npm error EACCES: permission denied, mkdir '/clone/node_modules'", 'This folder cannot be written'],
    ["npm error EACCES: permission denied, mkdir '/home/reader'", 'npm_config_cache='],
  ])('says of %s: %s', (output, hint) => {
    expect(installHint(output, '/clone')).toContain(hint);
  });

  it('builds what is missing, once', async () => {
    expect(await setUp()).toBe('Building engine and server … N s\n');
    expect(await setUp()).toBe('');
  });

  it('goes by content, not by time', async () => {
    const past = new Date(2001, 1, 1);
    utimesSync(source, new Date(), new Date());
    expect(await setUp()).toBe('');
    writeFileSync(source, `${readFileSync(source, 'utf8')}\nexport const ADDED = 1;\n`);
    utimesSync(source, past, past);
    expect(await setUp()).toBe('Building engine and server … N s\n');
    expect(readFileSync(output, 'utf8')).toContain('ADDED');
  });

  it('builds again where outputs were changed, and removes those whose source is gone', {
    timeout: 120_000,
  }, async () => {
    const orphan = join(root, 'packages/server/dist/removed-long-ago.js');
    writeFileSync(orphan, 'export {};');
    writeFileSync(output, '');
    expect(await setUp()).toContain('Building');
    expect(existsSync(orphan)).toBe(false);
    expect(readFileSync(output, 'utf8')).toContain('ADDED');
  });

  it('says what does not compile and where', async () => {
    const good = readFileSync(source, 'utf8');
    writeFileSync(source, `${good}\nexport const wrong: number = 'text';\n`);
    await expect(setUp()).rejects.toThrow(
      /building engine and server ended with [12][\s\S]*detector\.ts[\s\S]*TS2322[\s\S]*Hint:/,
    );
    writeFileSync(source, good);
    expect(await setUp()).toContain('Building');
  });
});

describe('the lock of set-up', () => {
  const path = join(root, 'some.lock');

  it('is held by one at a time', async () => {
    let holders = 0;
    let most = 0;
    const work = async () => {
      const lock = await acquireLock(path, () => undefined);
      holders += 1;
      most = Math.max(most, holders);
      await new Promise((resolve) => setTimeout(resolve, 20));
      holders -= 1;
      lock.release();
    };
    await Promise.all([work(), work(), work()]);
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('outlives its holder as long as what it started still runs', async () => {
    const holder = await endedProcess();
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    const { hostname } = await import('node:os');
    writeFileSync(path, JSON.stringify({ token: 'x', host: hostname(), pids: [holder, child.pid] }));
    let acquired = false;
    const waiting = acquireLock(path, () => undefined).then((lock) => {
      acquired = true;
      return lock;
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(acquired).toBe(false);
    child.kill('SIGKILL');
    (await waiting).release();
  });
});

async function endedProcess(): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid ?? 0;
}
