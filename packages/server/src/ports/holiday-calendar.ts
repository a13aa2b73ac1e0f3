import type { HolidayWindow } from '@seismo/engine';

/**
 * Which days are holidays where. The engine learns what each adds to a series; it knows no calendar itself.
 */
export interface HolidayCalendar {
  /**
   * Every holiday of the regions from the year of one time to that of another, each with the days before and after
   * that it changes too. A holiday of two regions on one day under one name is there once. Rejects with `usage` for
   * a region that is not known, naming it.
   */
  windows(request: HolidayRequest): Promise<readonly HolidayWindow[]>;
}

export interface HolidayRequest {
  /** Countries (`US`) and their states or provinces (`DE-BY`), by ISO 3166; upper or lower case. */
  readonly regions: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Whole numbers from 0. */
  readonly daysBefore: number;
  readonly daysAfter: number;
}
