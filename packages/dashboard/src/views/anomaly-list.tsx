import { ago, componentWords, fullTime, percent, utcTime, zoneName } from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import { RANGES } from '../model/url-state.js';
import { anomalies, anomaliesError, type ListedAnomaly } from '../state/anomalies.js';
import { entries } from '../state/catalogue.js';
import { now, second } from '../state/clock.js';
import { hrefTo, place } from '../state/location.js';
import { unitOfSeries } from '../state/series-unit.js';
import { StateMark } from './state-mark.js';

/** The latest findings of all series, or of the one shown large; each a link to the chart at its time. */
export function AnomalyList() {
  const { allAnomalies, series } = place.value;
  const listed = anomalies.value;
  return (
    <aside class="anomalies" id="anomalies" aria-labelledby="anomalies-title">
      <header class="section-head">
        <h2 id="anomalies-title">{series === null ? 'Latest' : 'Latest of this series'}</h2>
        <nav class="switch" aria-label="Which anomalies are listed">
          <a href={hrefTo({ allAnomalies: false })} aria-current={!allAnomalies}>
            Alarms
          </a>
          <a href={hrefTo({ allAnomalies: true })} aria-current={allAnomalies}>
            All anomalies
          </a>
        </nav>
      </header>
      {anomaliesError.value !== null && <p class="note">Not up to date: {anomaliesError.value.message}</p>}
      {listed === null && anomaliesError.value === null && <p class="note">Loading …</p>}
      {listed?.length === 0 && (
        <p class="note">
          {allAnomalies ? 'No anomaly so far.' : 'No alarm so far.'} Samples outside their expected band
          appear here.
        </p>
      )}
      <ol class="anomaly-items">
        {listed?.map((one) => (
          <AnomalyRow key={`${one.series} ${one.time} ${one.isMinute}`} one={one} />
        ))}
      </ol>
    </aside>
  );
}

function AnomalyRow({ one }: { one: ListedAnomaly }) {
  second.value;
  const { utc, at, series } = place.value;
  const isOpen = at === one.time && series === one.series;
  const text = numbersOf(one, { unit: unitOfSeries(one.series) });
  const direction = one.expected !== null && one.value < one.expected ? 'below' : 'above';
  return (
    <li>
      <a href={hrefTo(windowAround(one))} aria-current={isOpen ? 'true' : undefined}>
        <StateMark
          state={one.isWithdrawn ? 'unknown' : 'anomalous'}
          alarm={one.alarm}
          isMinute={one.isMinute}
        />
        <span class={`anomaly-text ${one.isWithdrawn ? 'is-withdrawn' : ''}`}>
          <SeriesKey series={one.series} />
          <span class="anomaly-values">
            <b>{text.value}</b>
            {one.isMinute && ' in the mean of a minute,'}
            {one.expected !== null && ` ${direction} ${text.expected} expected`}
            {componentWords(one.component)}
          </span>
          <time
            dateTime={utcTime(one.time)}
            title={`${utcTime(one.time)} · ${zoneName(one.time, utc)} shown`}
          >
            {ago(one.time, now())} · {fullTime(one.time, utc)}
            {one.probability !== null && ` · ${percent(one.probability)}`}
          </time>
        </span>
        <span class={one.isWithdrawn ? 'withdrawn' : 'hidden'}>
          {one.isWithdrawn ? 'withdrawn' : one.alarm ? 'alarm' : 'anomaly'}
        </span>
      </a>
    </li>
  );
}

/** A series in full, labels quieter; broken between the words of its name, and between labels. */
function SeriesKey({ series }: { series: string }) {
  const [name = '', ...labels] = series.match(/^[^{]+|.[^,]*,?/g) ?? [];
  return (
    <span class="anomaly-series" title={series}>
      <b>{breakable(name.match(/[^_.:/-]*[_.:/-]?/g) ?? [])}</b>
      <wbr />
      {breakable(labels)}
    </span>
  );
}

function breakable(parts: readonly string[]) {
  return parts.map((part, i) => (i === 0 ? part : [<wbr key={i} />, part]));
}

/**
 * The series' usual window with the anomaly at two thirds: what led to it matters more. A fresh one lies farther to
 * the right, since there is nothing to see in the future.
 */
function windowAround(one: ListedAnomaly) {
  const range = entries.value.get(one.series)?.window.value ?? '15m';
  const width = RANGES[range];
  const latest = Math.max(now(), one.time + 1);
  const to = Math.ceil(Math.min(one.time + width / 3, latest));
  return {
    series: one.series,
    range: null,
    from: to - width,
    to,
    at: one.time,
    page: 1,
  };
}
