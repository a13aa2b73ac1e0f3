import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { functionTable, untriedFunctions } from './support/function-table.js';

const FILE = new URL('../../docs/sql.md', import.meta.url);
const [BEGIN, END] = ['<!-- functions: begin -->', '<!-- functions: end -->'];

describe('docs/sql.md', () => {
  it('has the table of functions that the suite gives; WRITE_DOCS=1 writes it anew', () => {
    const text = readFileSync(FILE, 'utf8');
    const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)];
    expect(start).toBeGreaterThan(0);
    expect(end).toBeGreaterThan(start);
    const fresh = `${text.slice(0, start + BEGIN.length)}\n${functionTable()}\n${text.slice(end)}`;
    if (process.env.WRITE_DOCS === '1') writeFileSync(FILE, fresh);
    expect(readFileSync(FILE, 'utf8')).toBe(fresh);
  });

  it('lists no function that no statement has tried', () => {
    expect(untriedFunctions()).toEqual([]);
  });
});
