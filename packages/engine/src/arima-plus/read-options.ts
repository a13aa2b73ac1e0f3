import { checkedValue, completeOptions } from './complete-options.js';
import { checkOptionsById } from './fit-arima-plus-by-id.js';
import { hierarchyOf } from './hierarchy.js';
import { ARIMA_PLUS_OPTIONS } from './option-table.js';
import { type ArimaPlusOptions, refuse } from './options.js';

/** What CREATE MODEL was asked for: what concerns the table, and what goes to each series. */
export interface ArimaPlusRequest {
  readonly timestampColumn: string | undefined;
  readonly dataColumn: string | undefined;
  readonly idColumns: readonly string[];
  /** HIERARCHICAL_TIME_SERIES_COLS, some of the id columns; empty if there is no hierarchy. */
  readonly hierarchicalColumns: readonly string[];
  /** HOLIDAY_REGION, for a calendar to look up. */
  readonly holidayRegions: readonly string[];
  readonly holidayDaysBefore: number;
  readonly holidayDaysAfter: number;
  /** Without holidays and custom holidays. Defaults are not filled in. */
  readonly options: ArimaPlusOptions;
}

/**
 * Reads options by the names of {@link ARIMA_PLUS_OPTIONS}, capitals or not, with values as SQL has them.
 * @throws RangeError on one that is unknown, of another type, out of its range or at odds with another; the message
 *   names it with its range
 */
export function readArimaPlusOptions(given: Readonly<Record<string, unknown>>): ArimaPlusRequest {
  const found = new Map<string, unknown>();
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const option = ARIMA_PLUS_OPTIONS.find((one) => one.name === name.toUpperCase());
    if (option === undefined) refuse(`${name} is no option; there are ${knownNames()}`);
    const right = checkedValue(option, value);
    if (option.key === undefined) found.set(option.name, right);
    else if (right !== undefined) options[option.key] = right;
  }
  const list = (name: string): readonly string[] => {
    const value = found.get(name) as string | readonly string[] | undefined;
    return typeof value === 'string' ? [value] : (value ?? []);
  };
  const request: ArimaPlusRequest = {
    timestampColumn: found.get('TIME_SERIES_TIMESTAMP_COL') as string | undefined,
    dataColumn: found.get('TIME_SERIES_DATA_COL') as string | undefined,
    idColumns: list('TIME_SERIES_ID_COL'),
    hierarchicalColumns: list('HIERARCHICAL_TIME_SERIES_COLS'),
    holidayRegions: list('HOLIDAY_REGION'),
    holidayDaysBefore: (found.get('HOLIDAY_DAYS_BEFORE') ?? 1) as number,
    holidayDaysAfter: (found.get('HOLIDAY_DAYS_AFTER') ?? 1) as number,
    options,
  };
  checkTogether(request, found);
  return request;
}

function checkTogether(request: ArimaPlusRequest, found: ReadonlyMap<string, unknown>): void {
  const { idColumns, hierarchicalColumns, holidayRegions, options } = request;
  if (idColumns.length > 0) checkOptionsById(options);
  else completeOptions(options);
  if (hierarchicalColumns.length > 0) hierarchyOf(idColumns, hierarchicalColumns);
  for (const name of ['HOLIDAY_DAYS_BEFORE', 'HOLIDAY_DAYS_AFTER']) {
    if (found.has(name) && holidayRegions.length === 0) refuse(`${name} goes only with HOLIDAY_REGION`);
  }
}

function knownNames(): string {
  return ARIMA_PLUS_OPTIONS.map(({ name }) => name).join(', ');
}
