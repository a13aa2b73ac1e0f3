import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FILES, ROOT } from './repository.js';

const documents = FILES.filter(({ path }) => path.endsWith('.md'));

interface Link {
  readonly from: string;
  readonly target: string;
}

/** Relative links and images, outside code. */
function links(): Link[] {
  return documents.flatMap(({ path, text }) => {
    const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
    const targets = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|(?:src|href)="([^"]+)"/g)];
    return targets
      .map((match) => match[1] ?? match[2] ?? '')
      .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
      .map((target) => ({ from: path, target }));
  });
}

/** GitHub's anchors: lower case, punctuation dropped, spaces to hyphens, repeats numbered. */
function anchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const [, title = ''] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6}\s+(.+)$/gm)) {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    found.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return found;
}

describe('documents', () => {
  it('were found, with links in them', () => {
    expect(documents.map(({ path }) => path)).toContain('CONTRIBUTING.md');
    expect(links().length).toBeGreaterThan(0);
  });

  it('link only to files and headings that exist', () => {
    const broken = links().filter(({ from, target }) => {
      const [file = '', anchor] = decodeURIComponent(target).split('#');
      const path = file === '' ? from : normalize(join(dirname(from), file));
      if (!existsSync(join(ROOT, path))) return true;
      if (anchor === undefined || !path.endsWith('.md')) return false;
      return !anchors(documents.find((document) => document.path === path)?.text ?? '').has(anchor);
    });
    expect(broken.map(({ from, target }) => `${from}: ${target}`)).toEqual([]);
  });

  it('list every script of package.json in CONTRIBUTING.md, and none that is not there', () => {
    const text = FILES.find(({ path }) => path === 'CONTRIBUTING.md')?.text ?? '';
    const { scripts } = JSON.parse(FILES.find(({ path }) => path === 'package.json')?.text ?? '{}');
    const listed = [...text.matchAll(/^\| `npm (?:run )?([\w:-]+)/gm)].map(([, name]) => name);
    expect([...new Set(listed)].sort()).toEqual(Object.keys(scripts).sort());
  });

  it('name every file of scripts/ that can be called in CONTRIBUTING.md', () => {
    const text = FILES.find(({ path }) => path === 'CONTRIBUTING.md')?.text ?? '';
    const scripts = FILES.filter(({ path }) => /^scripts\/[^/]+\.(js|sh)$/.test(path));
    expect(scripts.length).toBeGreaterThan(10);
    expect(scripts.filter(({ path }) => !text.includes(`(${path})`)).map(({ path }) => path)).toEqual([]);
  });

  it('and examples carry the licence of data that is not ours', () => {
    const recordings = FILES.filter(({ path }) => /^examples\/.*\.csv$/.test(path));
    expect(recordings.length).toBeGreaterThanOrEqual(2);
    const readme = FILES.find(({ path }) => path === 'examples/README.md')?.text ?? '';
    for (const { path } of recordings) expect(readme).toContain(path.slice('examples/'.length));
    expect(readme).toContain('LICENSE-NAB.txt');
  });
});
