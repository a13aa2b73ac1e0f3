import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parse, visit } from './functions.js';
import { SOURCES } from './repository.js';

/** Words that say nothing about what a thing does. */
const EMPTY_WORD = /(^|[-/.])(utils?|common|helpers?|managers?|misc)(?=[-/.]|$)/;
const EMPTY_IDENTIFIER = /(Utils?|Helpers?|Managers?)$/;
const KEBAB_PATH = /^[a-z0-9]+([-.][a-z0-9]+)*$/;

interface Declared {
  readonly path: string;
  readonly name: string;
  readonly isInterface: boolean;
}

const declared: Declared[] = SOURCES.filter(({ path }) => !path.endsWith('.css')).flatMap((file) => {
  const names: Declared[] = [];
  visit(parse(file), (node) => {
    const named =
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isEnumDeclaration(node);
    if (!named || node.name === undefined) return;
    names.push({ path: file.path, name: node.name.text, isInterface: ts.isInterfaceDeclaration(node) });
  });
  return names;
});

describe('names', () => {
  it('were read from the sources', () => {
    expect(declared.length).toBeGreaterThan(100);
  });

  it('of source files and folders are kebab-case', () => {
    const wrong = SOURCES.filter(({ path }) => !path.split('/').every((part) => KEBAB_PATH.test(part)));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('of files say what they hold, not utils, common, helper or manager', () => {
    expect(SOURCES.filter(({ path }) => EMPTY_WORD.test(path)).map(({ path }) => path)).toEqual([]);
  });

  it('of classes, types and functions are not something-Helper, -Manager or -Utils', () => {
    const wrong = declared.filter(({ name }) => EMPTY_IDENTIFIER.test(name));
    expect(wrong.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
  });

  it('of interfaces carry no I in front', () => {
    const wrong = declared.filter(({ name, isInterface }) => isInterface && /^I[A-Z][a-z]/.test(name));
    expect(wrong.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
  });
});
