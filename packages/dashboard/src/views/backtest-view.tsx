import { useComputed } from '@preact/signals';
import type { SeriesBody } from '@seismo/server/serve/schemas';
import { useEffect } from 'preact/hooks';
import { BacktestCanvas } from '../chart/backtest-canvas.js';
import { readLabels } from '../model/backtest-labels.js';
import type { AlarmRow } from '../model/backtest-messages.js';
import { fullTime, shortNumber, span, zoneName } from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import type { UrlState } from '../model/url-state.js';
import { RANGES } from '../model/url-state.js';
import { backtestRun } from '../state/backtest.js';
import { catalogueError, entries, refreshCatalogue, summary } from '../state/catalogue.js';
import { hrefTo, place } from '../state/location.js';
import { unitOfSeries } from '../state/series-unit.js';
import '../styles/backtest.css';
import { Arrow } from './arrow.js';
import { Heads } from './heads.js';
import { LabelPicker } from './label-picker.js';
import { LimitFields, limitsOf } from './limit-fields.js';
import { ErrorState } from './notices.js';
import { SensitivityCurve } from './sensitivity-curve.js';
import { SensitivityTable } from './sensitivity-table.js';
import { SeriesName } from './series-name.js';

/** What would have been told of one series with other settings: its past, judged anew in this browser. */
export function BacktestView() {
  const { series } = place.value;
  const entry = series === null ? undefined : entries.value.get(series);
  const detector = summary.value?.detector;
  if (series === null || detector === undefined) {
    const error = catalogueError.value;
    if (error !== null) return <ErrorState error={error} retry={() => void refreshCatalogue()} />;
    return <p class="big-note quiet">Loading …</p>;
  }
  const { name, labels } = entry?.item.value ?? { name: series, labels: {} };
  return (
    <main class="wide backtest" aria-labelledby="series-title">
      <header class="series-head">
        <a class="back" href={hrefTo({ backtest: false, sensitivity: null, labels: '' })}>
          <Arrow to="left" /> The series
        </a>
        <h1 id="series-title">
          Backtest of <SeriesName name={name} labels={labels} />
        </h1>
      </header>
      <Tested series={series} detector={detector} />
    </main>
  );
}

/** The stretch that the address asks for: its own, one that ends now, or all there is. */
function stretchOf({ from, to, range }: UrlState): { from: number; to: number } {
  if (from !== null && to !== null) return { from, to };
  const end = Math.ceil(Date.now() / 1000);
  return { from: range === null ? 0 : end - RANGES[range], to: end };
}

function Tested({ series, detector }: { series: string; detector: SeriesBody['detector'] }) {
  const { sensitivity: usual, time_zone: timeZone } = detector;
  // Only what the test depends on: the zone shown, for one, does not start it anew.
  const wished = useComputed(() => {
    const { sensitivity, direction, least, leastRelative, labels, from, to, range } = place.value;
    return JSON.stringify({ sensitivity, direction, least, leastRelative, labels, from, to, range });
  });
  const chosen = place.value.sensitivity ?? usual;
  useEffect(() => {
    const labels = readLabels(place.peek().labels);
    const limits = limitsOf(place.peek(), detector);
    void backtestRun.want({ series, ...stretchOf(place.peek()), chosen, labels, timeZone, limits });
  }, [series, chosen, timeZone, wished.value]);
  useEffect(() => () => backtestRun.leave(), [series]);
  const error = backtestRun.error.value;
  return (
    <>
      <div class="chart-bar">
        <Ranges />
        <span class="spring" />
        <LabelPicker series={series} />
      </div>
      {error !== null && (
        <p class="note is-error" role="alert">
          {error.message} {error.hint}
        </p>
      )}
      <LimitFields detector={detector} />
      <p class="backtest-words" role="status">
        <Words chosen={chosen} usual={usual} />
      </p>
      <BacktestCanvas series={series} />
      <div class="backtest-choice">
        <SensitivityCurve chosen={chosen} usual={usual} />
        <SensitivityTable chosen={chosen} usual={usual} />
      </div>
      <Alarms />
    </>
  );
}

const OFFERED = [
  ['1d', '1 day'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  [null, 'All'],
] as const;

function Ranges() {
  const { range, from } = place.value;
  return (
    <nav class="switch" aria-label="Time range">
      {OFFERED.map(([name, words]) => (
        <a
          key={words}
          href={hrefTo({ range: name, from: null, to: null })}
          aria-current={from === null && range === name}
        >
          {words}
        </a>
      ))}
    </nav>
  );
}

/** What is under way, or what the chosen setting would have told. */
function Words({ chosen, usual }: { chosen: number; usual: number }) {
  const { revision, step, points, track } = backtestRun;
  revision.value;
  if (backtestRun.error.value !== null) return null;
  if (step.value === 'loading') return <>Loading the samples …</>;
  if (track.length === 0) return <>No samples in this range.</>;
  const point = points.value.get(chosen);
  if (point === undefined) return <>Judging {track.length.toLocaleString('en-US')} samples anew …</>;
  const name = chosen === usual ? 'the sensitivity of this server' : 'this sensitivity';
  const length = span(track.time[track.length - 1]! - track.time[0]!);
  if (point.weeks === 0) return <>{track.length} samples are too few to judge any.</>;
  return (
    <>
      At {shortNumber(chosen)}, {name}, <b>{point.alarms}</b> {point.alarms === 1 ? 'alarm' : 'alarms'} over{' '}
      {length} of samples: <b>{shortNumber(point.alarmsPerWeek)}</b> a week.
      <EmptyLabels count={point.labelled?.emptyLabels ?? 0} />
      {step.value === 'judging' && <span class="quiet"> Trying the others …</span>}
    </>
  );
}

const ALARMS_MOST = 200;

/** Labels of another time, or of another zone, would look like anomalies that were missed or never there. */
function EmptyLabels({ count }: { count: number }) {
  if (count === 0) return null;
  return <> {`${count} ${count === 1 ? 'label' : 'labels'} without any sample here, left out.`}</>;
}

function Alarms() {
  const { alarms, track } = backtestRun;
  const { utc, series } = place.value;
  const unit = unitOfSeries(series);
  if (alarms.value === null || alarms.value.length === 0) return null;
  return (
    <section aria-labelledby="alarms-title">
      <header class="section-head">
        <h2 id="alarms-title">Alarms</h2>
      </header>
      <div class="table-scroll">
        <table class="data">
          <Heads
            names={[
              `Time (${zoneName(track.time[0]!, utc)})`,
              'Lasted',
              'Anomalous samples',
              'Departs from',
              'Value',
              'Expected',
              'Band',
            ]}
            unit={unit}
          />
          <tbody>
            {alarms.value.slice(0, ALARMS_MOST).map((alarm) => (
              <AlarmLine key={alarm.row} alarm={alarm} />
            ))}
          </tbody>
        </table>
      </div>
      {alarms.value.length > ALARMS_MOST && (
        <p class="quiet">
          The first {ALARMS_MOST} of {alarms.value.length}. All of them:{' '}
          <code>seismo backtest --series … --alarms</code>.
        </p>
      )}
    </section>
  );
}

function AlarmLine({ alarm: { row, lastRow, anomalies, component } }: { alarm: AlarmRow }) {
  const { track } = backtestRun;
  const sample = track.at(row);
  const { time } = sample;
  const text = numbersOf(sample);
  const around = { from: time - 3600, to: track.time[lastRow]! + 3600, at: time };
  const chart = hrefTo({ backtest: false, sensitivity: null, labels: '', range: null, ...around });
  return (
    <tr>
      <td>
        <a href={chart}>{fullTime(time, place.value.utc)}</a>
      </td>
      <td>{lastRow === row ? 'one sample' : span(track.time[lastRow]! - time)}</td>
      <td class="number">{anomalies}</td>
      <td>{component.replaceAll('_', ' ')}</td>
      <td class="number">{text.value}</td>
      <td class="number">{text.expected}</td>
      <td class="number">{text.band}</td>
    </tr>
  );
}
