import type { SeriesItem } from '@seismo/server/serve/schemas';
import { useEffect, useRef } from 'preact/hooks';
import { TileCanvas } from '../chart/tile-canvas.js';
import { ago, shortNumber, span, stateWords } from '../model/format.js';
import { type NumberTexts, numbersOf } from '../model/numbers.js';
import { shownState } from '../model/shown-state.js';
import { RANGES } from '../model/url-state.js';
import { type Entry, loadTile } from '../state/catalogue.js';
import { now, second } from '../state/clock.js';
import { hrefTo } from '../state/location.js';
import { SeriesName } from './series-name.js';
import { StateMark } from './state-mark.js';

/** A series in small: a link to the large chart. Its samples are fetched when it comes into sight. */
export function Tile({ entry }: { entry: Entry }) {
  const root = useRef<HTMLLIElement>(null);
  const isSeen = useRef(false);
  const range = entry.window.value;
  useEffect(() => {
    const observer = new IntersectionObserver(([change]) => {
      isSeen.current = change?.isIntersecting ?? false;
      if (isSeen.current && entry.window.peek() === null) void loadTile(entry);
    });
    observer.observe(root.current!);
    return () => observer.disconnect();
  }, [entry]);
  useEffect(() => {
    if (range === null && isSeen.current) void loadTile(entry);
  }, [entry, range]);
  const item = entry.item.value;
  second.value;
  return (
    <li class={`tile is-${shownState(item, now()).state}`} ref={root}>
      <a href={hrefTo({ series: item.series, range, from: null, to: null, at: null, page: 1 })}>
        <TileHead entry={entry} />
        {entry.failed.value === null ? (
          <TileCanvas entry={entry} />
        ) : (
          <p class="tile-failed">{entry.failed.value}</p>
        )}
        <span class="tile-foot">
          <TileState entry={entry} />
          <span class="tile-window">{range === null ? 'loading' : span(RANGES[range])}</span>
        </span>
      </a>
    </li>
  );
}

function TileHead({ entry }: { entry: Entry }) {
  const item = entry.item.value;
  return (
    <span class="tile-head">
      <SeriesName name={item.name} labels={item.labels} />
      <span class="tile-value" title={String(item.last?.value ?? '')}>
        {valueText(item)}
      </span>
    </span>
  );
}

/** In the unit of the band, but where that would be all zeros first: there is little room, and the band stands apart. */
function valueText(item: SeriesItem): string {
  const { value } = textsOf(item);
  return value.startsWith('0.0') || value.startsWith('-0.0')
    ? shortNumber(item.last?.value, item.unit)
    : value;
}

function textsOf({ unit, last }: SeriesItem): NumberTexts {
  const known = { ...last, lower: last?.lower_bound, upper: last?.upper_bound };
  return numbersOf(known, { unit });
}

function TileState({ entry }: { entry: Entry }) {
  const { have, need, last } = entry.item.value;
  second.value;
  const { state, isMinute } = shownState(entry.item.value, now());
  const alarm = !isMinute && (last?.alarm ?? false);
  const isBand = state !== 'warming_up' && state !== 'no_data' && last !== null && last.expected !== null;
  return (
    <span class="tile-state">
      <StateMark state={state} alarm={alarm} share={need > 0 ? have / need : 0} isMinute={isMinute} />
      <span class="state-words">{stateWords(state, have, need, isMinute)}</span>
      {state === 'no_data' && last !== null && <span class="quiet">last {ago(last.time, now())}</span>}
      {isBand && <span class="quiet">{textsOf(entry.item.value).band}</span>}
    </span>
  );
}
