import { entries } from './catalogue.js';

/** The unit of a series by its key; empty where nobody knows, or as long as the series is not known. */
export function unitOfSeries(series: string | null): string {
  const entry = series === null ? undefined : entries.value.get(series);
  return entry?.item.value.unit ?? '';
}
