import { homedir, tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parse, visit } from './functions.js';
import { FILES, type RepositoryFile, ROOT, SOURCES } from './repository.js';

/** `path:line: text` of each line that matches, unless `unless` says it is fine. */
function find(
  files: readonly RepositoryFile[],
  pattern: RegExp,
  unless: (lines: readonly string[], index: number) => boolean = () => false,
): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, index) =>
      pattern.test(line) && !unless(lines, index)
        ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`]
        : [],
    );
  });
}

/**
 * A comment of some words on the line itself or right above it, `skip('why, in words')`, or a call that prints which
 * peer is missing and how to install it.
 */
function hasReason(lines: readonly string[], index: number): boolean {
  if (/\bskip\((\w+, )?'\S+(\s+\S+){2,}'\)|\bskipIf\(lacksPeer\('/.test(lines[index] ?? '')) return true;
  return [lines[index], lines[index - 1]].some((line) => /(\/\/|\*)\s*\S+(\s+\S+){2,}/.test(line ?? ''));
}

/** Where people's folders lie on Linux and macOS; the brackets keep it from being such a path itself. */
const HOMES = '/(hom[e]|User[s])/[a-z][a-z0-9_-]*/|/roo[t]/';

const typescript = SOURCES.filter(({ path }) => /\.tsx?$/.test(path));
// This folder spells out what it forbids.
const judged = typescript.filter(({ path }) => !path.startsWith('tests/house/'));

describe('tests', () => {
  it('are never narrowed down to some with .only', () => {
    expect(find(judged, /\b(it|test|describe)\.only\b/)).toEqual([]);
  });

  it('are skipped or left to do only with the reason beside it', () => {
    const pattern =
      /\b(it|test|describe|suite)(\.\w+)*\.(skip|skipIf|runIf|todo|fails)\b|\b(ctx|context)\.skip\(/;
    expect(find(judged, pattern, hasReason)).toEqual([]);
  });
});

describe('types', () => {
  it('hold no `any` without a reason', () => {
    const found = judged.flatMap((file) => {
      const source = parse(file);
      const lines = file.text.split('\n');
      const places: string[] = [];
      visit(source, (node) => {
        if (node.kind !== ts.SyntaxKind.AnyKeyword) return;
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        if (!hasReason(lines, line)) places.push(`${file.path}:${line + 1}`);
      });
      return places;
    });
    expect(found).toEqual([]);
  });

  it('are never switched off', () => {
    expect(find(judged, /@ts-(ignore|nocheck)/)).toEqual([]);
  });

  it('and lint rules are waived only with a reason', () => {
    // The brackets keep this line from being a waiver itself.
    const reasonless = /@ts-expect[-]error(?!\s+\S+\s+\S+)|biome[-]ignore(?!\S*\s+\S+:\s+\S+\s+\S+)/;
    expect(find(judged, reasonless)).toEqual([]);
  });
});

describe('every file', () => {
  it('was read', () => {
    expect(FILES.length).toBeGreaterThan(SOURCES.length);
    for (const path of ['package.json', 'package-lock.json', '.npmrc', 'LICENSE', 'bin/seismo.js']) {
      expect(FILES.map((file) => file.path)).toContain(path);
    }
  });

  it('names no path of a developer’s machine', () => {
    const root = resolve(ROOT);
    const own = [root, dirname(root), homedir()].filter((path) => path.length > 1 && path !== tmpdir());
    const places = [...own.map((path) => `${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/`), HOMES];
    const pattern = new RegExp(`(^|[\\s"'\`(=:])(${places.join('|')})`);
    expect(find(judgedText(), pattern)).toEqual([]);
  });

  it('names no package registry', () => {
    const lock = FILES.filter(({ path }) => path === 'package-lock.json' || path === '.npmrc');
    expect(find(lock, /https?:[^"]*\.tgz|^\s*(@[\w-]+:)?registry\s*=|_auth/)).toEqual([]);
    expect(find(FILES, new RegExp(['"resolved":\\s*"', 'http'].join('')))).toEqual([]);
  });
});

/** Data files are others' text. */
function judgedText(): RepositoryFile[] {
  return FILES.filter(({ path }) => !/^tests\/house\/|\.csv$|^package-lock\.json$/.test(path));
}
