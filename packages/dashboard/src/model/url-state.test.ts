import { describe, expect, it } from 'vitest';
import { readUrl, START, urlOf, urlProblem } from './url-state.js';

describe('the address', () => {
  it('is bare at the start', () => {
    expect(urlOf(START)).toBe('/');
    expect(readUrl('')).toEqual(START);
  });

  it('gives back what was written', () => {
    const state = {
      ...START,
      series: 'latency{service="a b&c"}',
      from: 1743548330.25,
      to: 1743548930,
      at: 1743548600.125,
      table: true,
      query: 'x y',
      page: 3,
      allAnomalies: true,
      utc: true,
      models: true,
      sql: null,
      forecast: false,
      backtest: false,
      sensitivity: null,
      direction: null,
      least: null,
      leastRelative: null,
      labels: '',
    };
    expect(readUrl(urlOf(state).slice(1))).toEqual(state);
    expect(readUrl(urlOf({ ...START, range: '1h' }).slice(1)).range).toBe('1h');
    const sql = 'SELECT "ä&b"\n+ 1;';
    expect(readUrl(urlOf({ ...START, sql }).slice(1))).toEqual({ ...START, sql });
    expect(readUrl(urlOf({ ...START, sql: '' }).slice(1)).sql).toBe('');
    expect(readUrl(urlOf({ ...START, sql: 'x'.repeat(5000) }).slice(1)).sql).toBe('');
  });

  it('keeps what a backtest looks at, and only there', () => {
    const limits = { direction: 'up', least: 0, leastRelative: 0.25 } as const;
    const labels = '10-20,30.5-40';
    const state = { ...START, series: 'a', backtest: true, sensitivity: 0.3, ...limits, labels };
    expect(readUrl(urlOf(state).slice(1))).toEqual(state);
    expect(urlOf({ ...state, backtest: false })).toBe('/?series=a');
    expect(readUrl('?show=backtest').backtest).toBe(false);
    expect(readUrl('?show=backtest&series=a&sensitivity=-1').sensitivity).toBeNull();
    expect(urlProblem('?sensitivity=0')).toContain('above 0');
    expect(readUrl('?direction=left&least=-1&least_relative=')).toEqual(START);
    expect(urlProblem('?direction=left')).toContain('no direction “left”: take one of both, up, down');
    expect(urlProblem('?least=-1')).toBe('“least=-1” is no number of 0 or more.');
    expect(urlProblem('?least_relative=x')).toContain('“least_relative=x” is no number');
  });

  it('reads RFC 3339 as well', () => {
    const { from, to } = readUrl('?series=a&from=2025-04-01T22:58:50Z&to=2025-04-01T23:58:50.5%2B00:00');
    expect([from, to]).toEqual([1743548330, 1743551930.5]);
  });

  it('leaves out what makes no sense', () => {
    expect(readUrl('?range=3y&page=-2&at=never')).toEqual(START);
    expect(readUrl('?from=20&to=10').from).toBeNull();
    expect(readUrl('?from=20').from).toBeNull();
    expect(readUrl('?from=1&to=1e300').from).toBeNull();
  });

  it('is told what is wrong with it', () => {
    expect(urlProblem('?from=20&to=10')).toContain('must be earlier');
    expect(urlProblem('?from=20')).toContain('“to” beside it');
    expect(urlProblem('?range=3y')).toContain('no range “3y”');
    expect(urlProblem('?range=toString')).toContain('no range');
    expect(urlProblem('?at=never')).toContain('“at=never” is no time');
    expect(urlProblem('?series=a&from=10&to=20&range=1h')).toBeNull();
    expect(urlProblem('')).toBeNull();
  });
});
