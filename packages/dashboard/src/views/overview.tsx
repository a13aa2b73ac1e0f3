import { countText } from '../model/format.js';
import { lookedFor } from '../state/beyond-list.js';
import { catalogueError, entries, isListWhole, refreshCatalogue, summary } from '../state/catalogue.js';
import { go, hrefTo, place } from '../state/location.js';
import { isOrderHeld, orderedKeys, PAGE_SIZE, pageCount, pageKeys, pageShown } from '../state/shown.js';
import { AnomalyList } from './anomaly-list.js';
import { Arrow } from './arrow.js';
import { EmptyState, ErrorState } from './notices.js';
import { SeriesTable } from './series-table.js';
import { Tile } from './tile.js';

export function Overview() {
  if (summary.value === null) {
    const error = catalogueError.value;
    if (error !== null) return <ErrorState error={error} retry={() => void refreshCatalogue()} />;
    return <p class="big-note quiet">Loading …</p>;
  }
  if (entries.value.size === 0) return <EmptyState />;
  return (
    <div class="columns">
      <main aria-labelledby="series-title">
        <header class="section-head">
          <h1 id="series-title">Series</h1>
          <span class="quiet">worst first</span>
          <a class="only-narrow" href="#anomalies">
            Latest alarms <Arrow to="down" />
          </a>
          <span class="spring" />
          <Search />
          <nav class="switch" aria-label="How the series are shown">
            <a href={hrefTo({ table: false })} aria-current={!place.value.table}>
              Charts
            </a>
            <a href={hrefTo({ table: true })} aria-current={place.value.table}>
              Table
            </a>
          </nav>
        </header>
        <Shown />
        <Pages />
      </main>
      <AnomalyList />
    </div>
  );
}

function Search() {
  return (
    <input
      class="search"
      type="search"
      placeholder="Search name or label"
      aria-label="Search series by name or label"
      value={place.value.query}
      onInput={(event) => go({ query: event.currentTarget.value, page: 1 }, { replace: true })}
    />
  );
}

function Shown() {
  const shown = pageKeys.value.map((key) => entries.value.get(key)).filter((entry) => entry !== undefined);
  if (shown.length === 0) {
    const isSought = isListWhole.value || lookedFor.value?.query === place.value.query;
    if (!isSought) return <p class="note quiet">Searching …</p>;
    return (
      <p class="note">
        No series matches “{place.value.query}”. <a href={hrefTo({ query: '', page: 1 })}>Show all</a>
      </p>
    );
  }
  const hold = () => {
    isOrderHeld.value = true;
  };
  const release = () => {
    isOrderHeld.value = false;
  };
  return (
    <div onPointerEnter={hold} onPointerLeave={release} onFocusIn={hold} onFocusOut={release}>
      {place.value.table ? (
        <SeriesTable shown={shown} />
      ) : (
        <ul class="tiles">
          {shown.map((entry) => (
            <Tile key={entry.item.peek().series} entry={entry} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Pages() {
  const page = pageShown.value;
  if (pageCount.value === 1) return null;
  const first = (page - 1) * PAGE_SIZE + 1;
  const total = orderedKeys.value.length;
  const inAll = (place.value.query === '' ? summary.value?.count : lookedFor.value?.count) ?? 0;
  const worse = (
    <>
      <Arrow to="left" /> Worse
    </>
  );
  const quieter = (
    <>
      Quieter <Arrow to="right" />
    </>
  );
  return (
    <nav class="pages" aria-label="Pages of series">
      {page > 1 ? <a href={hrefTo({ page: page - 1 })}>{worse}</a> : <span class="quiet">{worse}</span>}
      <span>
        {countText(first)} to {countText(Math.min(total, first + PAGE_SIZE - 1))} of {countText(total)}
        {!isListWhole.value && inAll > total && ` (${countText(inAll)} in all)`}
      </span>
      {page < pageCount.value ? (
        <a href={hrefTo({ page: page + 1 })}>{quieter}</a>
      ) : (
        <span class="quiet">{quieter}</span>
      )}
    </nav>
  );
}
