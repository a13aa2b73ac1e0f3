import { useEffect, useMemo } from 'preact/hooks';
import { LargeChartModel } from '../chart/large-chart-model.js';
import { heldAt, panned, viewOf } from '../chart/large-view.js';
import { stateWords } from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import { shownState } from '../model/shown-state.js';
import { lookedFor } from '../state/beyond-list.js';
import {
  catalogueError,
  type Entry,
  entries,
  isListWhole,
  loadTile,
  refreshCatalogue,
  summary,
} from '../state/catalogue.js';
import { now, second } from '../state/clock.js';
import { detail } from '../state/detail.js';
import { forecast, forecastError, isAhead } from '../state/forecast.js';
import { hrefTo, place } from '../state/location.js';
import { minuteMarks } from '../state/minute-marks.js';
import { models } from '../state/models.js';
import { unitOfSeries } from '../state/series-unit.js';
import { AnomalyList } from './anomaly-list.js';
import { Arrow } from './arrow.js';
import { ExplanationPanel } from './explanation.js';
import { ForecastTable } from './forecast-table.js';
import { LargeChart } from './large-chart.js';
import { MinuteTable } from './minute-table.js';
import { ModelPanel } from './model-panel.js';
import { ErrorState } from './notices.js';
import { RangeBar } from './range-bar.js';
import { Readout } from './readout.js';
import { SampleTable } from './sample-table.js';
import { SeriesName } from './series-name.js';
import { StateMark } from './state-mark.js';

export function SeriesView({ series }: { series: string }) {
  const entry = entries.value.get(series);
  if (entry === undefined) {
    const isSought = isListWhole.value || lookedFor.value?.series === series;
    if (summary.value !== null && isSought) return <NoSuchSeries series={series} />;
    const error = catalogueError.value;
    if (error !== null) return <ErrorState error={error} retry={() => void refreshCatalogue()} />;
    return <p class="big-note quiet">Loading …</p>;
  }
  return <KnownSeries key={series} entry={entry} />;
}

function KnownSeries({ entry }: { entry: Entry }) {
  const { series } = entry.item.peek();
  const chart = useMemo(() => new LargeChartModel(), []);
  const isWindowKnown = entry.window.value !== null;
  useEffect(() => {
    if (!isWindowKnown) void loadTile(entry);
  }, [entry, isWindowKnown]);
  const { range, from, table } = place.value;
  // Without a range in the address the series' own pace decides, and that has to be known first.
  const isReady = isWindowKnown || range !== null || from !== null;
  chart.series = series;
  chart.unit = unitOfSeries(series);
  chart.usual = entry.window.value ?? '5m';
  return (
    <div class="columns">
      <main aria-labelledby="series-title">
        <SeriesHead entry={entry} />
        <div class="chart-bar">
          <RangeBar usual={chart.usual} shown={() => chart.view} />
          <span class="spring" />
          <PausedSign chart={chart} />
          <ForecastSwitch series={series} />
          <a href={hrefTo({ backtest: true, at: null, table: false })}>Backtest</a>
          <nav class="switch" aria-label="How the samples are shown">
            <a href={hrefTo({ table: false })} aria-current={!table}>
              Chart
            </a>
            <a href={hrefTo({ table: true })} aria-current={table}>
              Table
            </a>
          </nav>
        </div>
        <Readout chart={chart} />
        {detail.error.value !== null && <DetailProblem />}
        {isReady && (table ? <TableOfView chart={chart} /> : <ChartWithKeys chart={chart} series={series} />)}
        <ExplanationPanel chart={chart} series={series} />
        <ModelPanel series={series} />
      </main>
      <AnomalyList />
    </div>
  );
}

function SeriesHead({ entry }: { entry: Entry }) {
  const { name, labels, unit, have, need, last } = entry.item.value;
  second.value;
  const { state, isMinute } = shownState(entry.item.value, now());
  const alarm = !isMinute && (last?.alarm ?? false);
  const { value } = numbersOf({ ...last, lower: last?.lower_bound, upper: last?.upper_bound }, { unit });
  return (
    <header class="series-head">
      <a class="back" href={hrefTo({ series: null, range: null, from: null, to: null, at: null })}>
        <Arrow to="left" /> All series
      </a>
      <h1 id="series-title">
        <SeriesName name={name} labels={labels} />
      </h1>
      <span class={`badge is-${state}`}>
        <StateMark state={state} alarm={alarm} share={need > 0 ? have / need : 0} isMinute={isMinute} />
        {stateWords(state, have, need, isMinute)}
      </span>
      {state === 'warming_up' && <progress value={have} max={need} aria-label="Samples learned" />}
      <span class="series-value">{value}</span>
    </header>
  );
}

function PausedSign({ chart }: { chart: LargeChartModel }) {
  const isHeld = heldAt.value !== null && panned.value === null && place.value.from === null;
  if (!isHeld || place.value.table || chart.isDragging.value) return null;
  return <span class="paused">paused while you read</span>;
}

/** Only where there is something to forecast by. */
function ForecastSwitch({ series }: { series: string }) {
  const isKnown = (models.value.get(series)?.trained_at ?? null) !== null;
  const { forecast: isOn } = place.value;
  if (!isKnown) return null;
  return (
    <nav class="switch" aria-label="Forecast">
      <a href={hrefTo({ forecast: true })} aria-current={isOn}>
        Forecast
      </a>
      <a href={hrefTo({ forecast: false })} aria-current={!isOn}>
        Off
      </a>
    </nav>
  );
}

function ChartWithKeys({ chart, series }: { chart: LargeChartModel; series: string }) {
  second.value;
  const view = viewOf(place.value, chart.usual);
  const isEmpty =
    detail.isLoaded.value && detail.track.indexFrom(view.from) === detail.track.indexFrom(view.to);
  return (
    <>
      <div class="chart-box">
        <LargeChart chart={chart} label={labelOf(chart, series)} />
        {isEmpty && <p class="chart-note">No samples in this range</p>}
        {forecastError.value !== null && (
          <p class="chart-note is-low">No forecast: {forecastError.value.message}</p>
        )}
        {!detail.isLoaded.value && detail.error.value === null && <p class="chart-note">Loading …</p>}
      </div>
      <Legend />
      <p id="chart-keys" class="keys">
        Drag to zoom, <kbd>Shift</kbd> drag or {arrows} to move, <kbd>+</kbd> <kbd>-</kbd> to zoom,{' '}
        <kbd>Shift</kbd> {arrows} to read sample by sample, <kbd>n</kbd> <kbd>p</kbd> for the next and
        previous anomaly, <kbd>Esc</kbd> or double click to go back.
      </p>
    </>
  );
}

const arrows = (
  <>
    <kbd>
      <Arrow to="left" name="Left" />
    </kbd>{' '}
    <kbd>
      <Arrow to="right" name="Right" />
    </kbd>
  </>
);

function labelOf(chart: LargeChartModel, series: string): string {
  const { painted } = chart;
  if (painted === null) return series;
  const { gaps, anomalous } = painted.thinned;
  const samples = detail.track.indexFrom(painted.frame.to) - detail.track.indexFrom(painted.frame.from);
  const found = minuteMarks.within(painted.frame.from, painted.frame.to).length;
  const minutes = found === 0 ? '' : `, ${found} ${found === 1 ? 'minute' : 'minutes'} found by the model`;
  const seen = `${series}: ${samples} samples, ${anomalous} anomalous, ${gaps} ${gaps === 1 ? 'gap' : 'gaps'}${minutes}`;
  const ahead = Number(chart.canvas?.dataset.ahead ?? 0);
  return ahead === 0 ? seen : `${seen}, ${ahead} minutes of forecast`;
}

function Legend() {
  return (
    <ul class="legend" aria-label="Signs in the chart">
      <li>
        <span class="legend-line" /> value
      </li>
      <li>
        <span class="legend-line is-learning" /> while learning
      </li>
      <li>
        <span class="legend-band" /> expected band
      </li>
      <li>
        <StateMark state="anomalous" alarm /> alarm
      </li>
      <li>
        <StateMark state="anomalous" /> further anomaly
      </li>
      <MinuteSigns />
      <li>
        <StateMark state="unknown" /> not judged (late)
      </li>
      <li>
        <span class="legend-gap" /> gap
      </li>
      {forecast.value !== null && isAhead() && (
        <>
          <li>
            <span class="legend-line is-forecast" /> forecast
          </li>
          <li>
            <span class="legend-band is-forecast" /> where 95 of 100 minutes will lie
          </li>
        </>
      )}
    </ul>
  );
}

/** Where the chart has any. */
function MinuteSigns() {
  minuteMarks.revision.value;
  const { standing, withdrawn } = minuteMarks.counts();
  return (
    <>
      {standing > 0 && (
        <>
          <li>
            <StateMark state="anomalous" alarm isMinute /> alarm of a minute's mean
          </li>
          <li>
            <StateMark state="anomalous" isMinute /> further minute
          </li>
        </>
      )}
      {withdrawn > 0 && (
        <li>
          <StateMark state="unknown" isMinute /> minute withdrawn
        </li>
      )}
    </>
  );
}

function TableOfView({ chart }: { chart: LargeChartModel }) {
  second.value;
  // The view goes further where something is expected.
  forecast.value;
  const view = viewOf(place.value, chart.usual);
  useEffect(() => {
    detail.want(chart.series, { ...view, now: Date.now() / 1000 });
    minuteMarks.want(chart.series, { ...view, now: now() });
  });
  return (
    <>
      <ForecastTable view={view} />
      <MinuteTable view={view} />
      <SampleTable view={view} />
    </>
  );
}

function DetailProblem() {
  return (
    <p class="note is-error" role="alert">
      {detail.error.value?.message}{' '}
      <button type="button" onClick={() => detail.refetch()}>
        Try again
      </button>
    </p>
  );
}

function NoSuchSeries({ series }: { series: string }) {
  return (
    <section class="big-note">
      <h1>No series of this name</h1>
      <p>
        <code>{series}</code> was never sent here, or all of its samples are gone with the retention.
      </p>
      <p>
        <a href={hrefTo({ series: null, from: null, to: null, at: null, range: null })}>Show all series</a>
      </p>
    </section>
  );
}
