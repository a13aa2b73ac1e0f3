import { describe, expect, it } from 'vitest';
import { dateHolidaysCalendar } from './date-holidays-calendar.js';

const ask = async (regions: string[], year: number, daysBefore = 0, daysAfter = 0) => {
  const windows = await dateHolidaysCalendar.windows({
    regions,
    fromMs: Date.UTC(year, 0, 1),
    toMs: Date.UTC(year, 11, 31),
    daysBefore,
    daysAfter,
  });
  return windows
    .filter(({ primaryMs }) => new Date(primaryMs).getUTCFullYear() === year)
    .map((window) => ({ ...window, day: new Date(window.primaryMs).toISOString().slice(0, 10) }));
};
const daysOf = async (region: string, year: number, name: RegExp) =>
  (await ask([region], year)).filter((window) => name.test(window.name)).map(({ day }) => day);

describe('the calendar of holidays', () => {
  it('knows fixed days and moveable feasts of a country and its parts', async () => {
    expect(await daysOf('US', 2024, /^Thanksgiving/)).toEqual(['2024-11-28']);
    expect(await daysOf('US', 2023, /^Thanksgiving/)).toEqual(['2023-11-23']);
    expect(await daysOf('de', 2024, /^Easter Monday/)).toEqual(['2024-04-01']);
    expect(await daysOf('DE', 2024, /^Assumption/)).toEqual([]);
    expect(await daysOf('DE-BY', 2024, /^Corpus Christi/)).toEqual(['2024-05-30']);
    expect(await daysOf('us-la', 2024, /^(Mardi Gras|Shrove Tuesday)/)).toEqual(['2024-02-13']);
  });

  it('begins each at midnight UTC, with the days before and after', async () => {
    for (const { primaryMs, daysBefore, daysAfter } of await ask(['US'], 2024, 2, 3)) {
      expect(primaryMs % 86_400_000).toBe(0);
      expect(daysBefore).toBe(2);
      expect(daysAfter).toBeGreaterThanOrEqual(3);
    }
  });

  it('has one that lasts several days once, with all of its days', async () => {
    const china = (await ask(['CN'], 2024)).filter(({ name }) => /^Spring Festival/.test(name));
    expect(china).toMatchObject([{ day: '2024-02-09', daysAfter: 2 }]);
    const turkey = (await ask(['TR'], 2024)).filter(({ name }) => /Eid al-Adha/.test(name));
    expect(turkey).toMatchObject([{ day: '2024-06-16', daysAfter: 4 }]);
    const labour = (await ask(['US'], 2024)).filter(({ name }) => /^Labou?r Day/.test(name));
    expect(labour).toMatchObject([{ day: '2024-09-02', daysAfter: 0 }]);
  });

  it('has the holidays of each region, in order of time, whose region they say', async () => {
    const both = await ask(['de', 'DE-BY', 'DE'], 2024);
    const christmas = both.filter(({ name }) => name === 'Christmas Day');
    expect(christmas.map(({ region }) => region).sort()).toEqual(['DE', 'DE-BY']);
    expect(both.map(({ primaryMs }) => primaryMs)).toEqual(
      both.map(({ primaryMs }) => primaryMs).sort((a, b) => a - b),
    );
  });

  it.each([
    ['NA', ['Canada Day', 'Thanksgiving Day', 'Independence Day'], ['Assumption']],
    ['JAPAC', ['Chinese New Year', "New Year's Day", 'Labour Day'], ['Thanksgiving Day', 'Golden Week']],
    ['EMEA', ['Easter Monday', 'Whit Monday', 'Christmas Day'], ['Independence Day', 'Chinese New Year']],
    ['LAC', ['Good Friday', 'Carnival', "All Souls' Day"], ['Easter Monday', 'Independence Day']],
  ])('gives %s the holidays that a good part of its countries share', async (region, shared, others) => {
    const windows = await ask([region], 2024);
    const names = windows.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(shared));
    for (const name of others) expect(names).not.toContain(name);
    expect(new Set(windows.map((window) => window.region))).toEqual(new Set([region]));
    expect(new Set(windows.map(({ day, name }) => `${day} ${name}`)).size).toBe(windows.length);
  });

  it('gives GLOBAL few, and a country beside it all of its own', async () => {
    const windows = await ask(['GLOBAL', 'US'], 2024);
    const own = (region: string) =>
      windows.filter((window) => window.region === region).map(({ day }) => day);
    expect(own('GLOBAL')).toEqual(expect.arrayContaining(['2024-01-01', '2024-05-01', '2024-12-25']));
    expect(own('GLOBAL').length).toBeLessThan(15);
    expect(own('US')).toContain('2024-07-04');
  });

  it('names the same holiday the same in every year', async () => {
    const names = async (year: number) => new Set((await ask(['GB'], year)).map(({ name }) => name));
    expect(await names(2023)).toContain('Christmas Day');
    expect(await names(2024)).toContain('Christmas Day');
  });

  it.each([
    ['XX', 'one of GLOBAL, NA, JAPAC, EMEA, LAC, or a code of ISO 3166'],
    ['Germany', 'Did you mean DE (Germany)?'],
    ['Untied States', 'US (United States'],
    ['UK', 'Did you mean GB (United Kingdom)?'],
    ['EMAE', 'Did you mean EMEA?'],
    ['DE-XX', 'DE-BY'],
  ])('refuses %s, which it has no calendar of, and names the nearest', async (region, hint) => {
    await expect(ask(['FR', region], 2024)).rejects.toMatchObject({
      code: 'usage',
      field: 'HOLIDAY_REGION',
      message: expect.stringContaining('HOLIDAY_REGION'),
      hint: expect.stringContaining(hint),
    });
  });
});
