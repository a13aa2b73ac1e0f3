import { signal } from '@preact/signals';
import { readUrl, type UrlState, urlOf, urlProblem } from '../model/url-state.js';

/** The address, read. Changed by `go`, by links and by the browser's own back and forward. */
export const place = signal<UrlState>(readUrl(location.search));

/** What was wrong with the address, until one moves on. */
export const addressProblem = signal<string | null>(null);

/** Takes the address as it is now; what makes no sense in it is told and put right. */
function readAddress(): void {
  addressProblem.value = urlProblem(location.search);
  place.value = readUrl(location.search);
  if (addressProblem.value !== null) history.replaceState(history.state, '', urlOf(place.value));
}
readAddress();

interface Visit {
  /** Zoom steps taken since the chart was opened: Escape goes back as many times. */
  zooms: number;
}

export function go(change: Partial<UrlState>, how: { replace?: boolean; zoom?: boolean } = {}): void {
  const next = { ...place.value, ...change };
  const visit: Visit = { zooms: zooms() + (how.zoom && !how.replace ? 1 : 0) };
  if (how.replace) history.replaceState(visit, '', urlOf(next));
  else history.pushState(visit, '', urlOf(next));
  addressProblem.value = null;
  place.value = next;
}

export function hrefTo(change: Partial<UrlState>): string {
  return urlOf({ ...place.value, ...change });
}

export function zooms(): number {
  return (history.state as Visit | null)?.zooms ?? 0;
}

window.addEventListener('popstate', readAddress);

/** Links within the page change its state without loading it anew; with a modifier key they stay plain links. */
document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest('a');
  if (link?.target !== '' || link.origin !== location.origin || link.pathname !== '/') return;
  if (link.hash !== '') return;
  event.preventDefault();
  const isElsewhere = readUrl(link.search).series !== place.value.series;
  history.pushState({ zooms: 0 } satisfies Visit, '', link.href);
  readAddress();
  if (isElsewhere) window.scrollTo(0, 0);
});
