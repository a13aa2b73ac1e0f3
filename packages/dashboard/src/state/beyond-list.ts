import { signal } from '@preact/signals';
import { fetchOneSeries, searchSeries } from '../api/client.js';
import { entries, takeFound } from './catalogue.js';

/** What the address asks for: words of a search, and one series. */
interface Wanted {
  readonly query: string;
  readonly series: string | null;
}

/** What was looked for last among all series, and how many match the words. */
export const lookedFor = signal<(Wanted & { readonly count: number }) | null>(null);

const TYPING_MS = 250;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Very many series are not all listed: asks the server for those that the address means, once typing rests. */
export function lookBeyondList(wanted: Wanted): void {
  clearTimeout(timer);
  timer = setTimeout(() => void look(wanted), wanted.query === lookedFor.peek()?.query ? 0 : TYPING_MS);
}

async function look({ query, series }: Wanted): Promise<void> {
  const asked = timer;
  const isListed = series === null || entries.peek().get(series)?.isListed === true;
  try {
    const [matching, one] = await Promise.all([
      query.trim() === '' ? undefined : searchSeries(query),
      isListed ? undefined : fetchOneSeries(series),
    ]);
    if (asked !== timer) return;
    const exact = one?.series.filter((item) => item.series === series) ?? [];
    takeFound([...(matching?.series ?? []), ...exact]);
    lookedFor.value = { query, series, count: matching?.count ?? 0 };
  } catch {
    // Asked again with the next look at the list; whether the server answers is told by the stream.
  }
}
