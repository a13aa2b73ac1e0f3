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

  it('has a day of two regions once, in order of time', async () => {
    const both = await ask(['DE', 'DE-BY'], 2024);
    expect(new Set(both.map(({ day, name }) => `${day} ${name}`)).size).toBe(both.length);
    expect(both.map(({ primaryMs }) => primaryMs)).toEqual(
      both.map(({ primaryMs }) => primaryMs).sort((a, b) => a - b),
    );
  });

  it('names the same holiday the same in every year', async () => {
    const names = async (year: number) => new Set((await ask(['GB'], year)).map(({ name }) => name));
    expect(await names(2023)).toContain('Christmas Day');
    expect(await names(2024)).toContain('Christmas Day');
  });

  it('refuses what it has no calendar of', async () => {
    await expect(ask(['XX'], 2024)).rejects.toMatchObject({ code: 'usage', field: 'HOLIDAY_REGION' });
    await expect(ask(['DE-XX'], 2024)).rejects.toMatchObject({ hint: expect.stringContaining('DE-BY') });
  });
});
