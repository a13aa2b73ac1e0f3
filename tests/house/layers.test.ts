import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cruiseSources } from '../../scripts/test/cruise-sources.js';

const root = mkdtempSync(join(tmpdir(), 'seismo-layers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SERVER = 'packages/server/src';
const FILES: Readonly<Record<string, string>> = {
  'package.json': '{"name":"seismo","type":"module"}',
  'packages/engine/package.json': '{"name":"@seismo/engine","type":"module"}',
  'packages/engine/src/reads-a-file.ts':
    "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;",
  'packages/server/package.json': '{"name":"@seismo/server","type":"module"}',
  [`${SERVER}/model/one.ts`]: 'export const one = 1;\nexport interface One { one: number }',
  [`${SERVER}/model/knows-port.ts`]: "import type { Port } from '../ports/port.js';\nexport type P = Port;",
  [`${SERVER}/ports/port.ts`]: "import type { One } from '../model/one.js';\nexport type Port = One;",
  [`${SERVER}/ingest/accept.ts`]: "import type { Port } from '../ports/port.js';\nexport type A = Port;",
  [`${SERVER}/detect/knows-ingest.ts`]: "import type { A } from '../ingest/accept.js';\nexport type D = A;",
  [`${SERVER}/detect/knows-adapter.ts`]: "export { s } from '../adapters/embedded/a-store.js';",
  [`${SERVER}/adapters/embedded/a-store.ts`]:
    "import { one } from '../../model/one.js';\nexport const s = one;",
  [`${SERVER}/adapters/gcp/knows-pipeline.ts`]: "export { start } from '../../pipeline.js';",
  [`${SERVER}/pipeline.ts`]: "import { s } from './adapters/embedded/a-store.js';\nexport const start = s;",
  [`${SERVER}/cycle-a.ts`]: "import { b } from './cycle-b.js';\nexport const a = () => b;",
  [`${SERVER}/cycle-b.ts`]: "import { a } from './cycle-a.js';\nexport const b = () => a;",
  [`${SERVER}/gone.ts`]: "export * from './not-there.js';",
  [`${SERVER}/serve/schemas.ts`]: 'export const shape = 1;\nexport type Shape = number;',
  'packages/dashboard/src/type.ts':
    "import type { Shape } from '../../server/src/serve/schemas.js';\nexport type S = Shape;",
  'packages/dashboard/src/value.ts': "export { shape } from '../../server/src/serve/schemas.js';",
  'packages/dashboard/src/model.tsx':
    "import type { One } from '../../server/src/model/one.js';\nexport type M = One;",
};

describe('the check of layers', () => {
  it('names each import that points the wrong way, and no other', async () => {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const { violations, seen, missed } = await cruiseSources(root);
    expect(missed).toEqual([]);
    expect(seen).toBe(Object.keys(FILES).filter((path) => /\.tsx?$/.test(path)).length);
    const short = violations
      .map((one) => one.replaceAll(`${SERVER}/`, '').replaceAll('packages/', ''))
      .sort();
    expect(short).toEqual([
      'adapters-know-ports: adapters/gcp/knows-pipeline.ts → pipeline.ts',
      'engine-alone: engine/src/reads-a-file.ts → fs',
      'model-alone: model/knows-port.ts → ports/port.ts',
      'no-cycles: cycle-a.ts → cycle-b.ts → cycle-a.ts',
      'no-unresolved: gone.ts → ./not-there.js',
      'page-knows-only-shapes: dashboard/src/model.tsx → model/one.ts',
      'page-shares-types-only: dashboard/src/value.ts → serve/schemas.ts',
      'stage-detect: detect/knows-adapter.ts → adapters/embedded/a-store.ts',
      'stage-detect: detect/knows-ingest.ts → ingest/accept.ts',
    ]);
  });
});
