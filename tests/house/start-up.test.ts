import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { expect, it } from 'vitest';

/** The packages that are loaded, by files, once a thread has imported these modules. */
function packagesLoadedBy(...modules: string[]): Map<string, number> {
  const script = `
    import { createRequire } from 'node:module';
    for (const name of ${JSON.stringify(modules)}) await import(name);
    console.log(JSON.stringify(Object.keys(createRequire(import.meta.url).cache)));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  const loaded = new Map<string, number>();
  for (const path of JSON.parse(output) as string[]) {
    const name = /node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(path)?.[1] ?? path;
    loaded.set(name, (loaded.get(name) ?? 0) + 1);
  }
  return loaded;
}

it('loads DuckDB in its own thread alone', () => {
  const loaded = packagesLoadedBy('@seismo/server/pipeline', '@seismo/server/serve/http-server');
  expect(loaded.get('fastify')).toBeGreaterThan(10);
  expect([...loaded.keys()].filter((name) => name.includes('duckdb'))).toEqual([]);
});

it('gives Node the same memory settings wherever it is started', () => {
  const all = ['MALLOC_ARENA_MAX=2', '--max-semi-space-size=4', '--heap-growing-percent=10'];
  for (const file of [
    'package.json',
    'bin/seismo.js',
    'cloud_run/Dockerfile',
    'scripts/image/run-read-only.sh',
  ])
    for (const setting of all) expect(readFileSync(file, 'utf8'), file).toContain(setting);
});
