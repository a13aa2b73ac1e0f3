import type { HolidayWindow } from '@seismo/engine';

/**
 * Which days are holidays where. The engine learns what each adds to a series; it knows no calendar itself.
 */
export interface HolidayCalendar {
  /**
   * Every holiday of each region from the year of one time to that of another, in order of time, each with its region
   * and the days before and after that it changes too. A group of countries has the holidays that a good part of them
   * share. Rejects with `usage` for a region that is not known, naming it and the nearest one.
   */
  windows(request: HolidayRequest): Promise<readonly HolidayWindow[]>;
}

export interface HolidayRequest {
  /**
   * Countries (`US`) and their states or provinces (`DE-BY`), by ISO 3166, and BigQuery's groups of countries: GLOBAL,
   * NA, JAPAC, EMEA, LAC; upper or lower case.
   */
  readonly regions: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Whole numbers from 0. */
  readonly daysBefore: number;
  readonly daysAfter: number;
}
