import type { ModelItem } from '@seismo/server/serve/model-schemas';
import { useEffect } from 'preact/hooks';
import type { LargeChartModel } from '../chart/large-chart-model.js';
import { minuteTime, shortNumber, signedNumber, utcTime } from '../model/format.js';
import { type ExplainedPoint, type LookedAt, placesOf, type StackRow, stackOf } from '../model/stack.js';
import type { ListedAnomaly } from '../state/anomalies.js';
import { now, second } from '../state/clock.js';
import { detail } from '../state/detail.js';
import { explanation, explanationError, wantExplanation } from '../state/explanation.js';
import { place } from '../state/location.js';
import { minuteAt } from '../state/minute-marks.js';
import { models } from '../state/models.js';
import { unitOfSeries } from '../state/series-unit.js';

/** Why so much was expected: of the anomaly that is looked at, or else of this minute. */
export function ExplanationPanel({ chart, series }: { chart: LargeChartModel; series: string }) {
  const model = models.value.get(series);
  if (model === undefined || model.trained_at === null) return null;
  return <ExplanationOf chart={chart} model={model} />;
}

function ExplanationOf({ chart, model }: { chart: LargeChartModel; model: ModelItem }) {
  second.value;
  detail.revision.value;
  const { utc } = place.value;
  const looked = lookedAt(chart, model.series);
  const time = looked?.time ?? now();
  useEffect(() => wantExplanation(model, time, utc));
  const shown = explanation.value;
  const isShown = shown !== null && shown.series === model.series;
  const unit = unitOfSeries(model.series);
  return (
    <section class="panel explanation" aria-labelledby="explanation-title">
      <header class="section-head">
        <h2 id="explanation-title">Why</h2>
        {isShown && (
          <time class="quiet" dateTime={utcTime(shown.minute)}>
            {looked === null ? 'now' : minuteTime(shown.minute, utc)}
          </time>
        )}
      </header>
      {explanationError.value !== null && <p class="note is-error">{explanationError.value.message}</p>}
      {!isShown && explanationError.value === null && <p class="note">Loading …</p>}
      {isShown && shown.point === null && (
        <p class="note">The model does not know this minute: it lies outside its history and its forecast.</p>
      )}
      {isShown && shown.point !== null && (
        <>
          <p class="explanation-words" aria-live={chart.isSpoken.value ? 'polite' : 'off'}>
            {shown.point.words}
          </p>
          <Stack rows={stackOf(shown.point, looked?.what ?? null)} unit={unit} />
          <p class="note">{noteOf(shown.point)}</p>
        </>
      )}
    </section>
  );
}

/** By which model it was expected. */
function noteOf({ part, trend }: ExplainedPoint): string {
  if (part === 'history') return 'Not judged when it came: the model has learned this minute since.';
  if (part === 'forecast' || trend !== null)
    return 'Expected by a model that was trained before this minute.';
  return 'Judged by a model that has been replaced since; of what it made this is not kept.';
}

/** The anomaly that pointer or keyboard is at, or the sample of the address. */
function lookedAt(chart: LargeChartModel, series: string): { time: number; what: LookedAt | null } | null {
  const { track } = detail;
  const pointed = chart.pointed.value;
  const minutePointed = chart.pointedMinute.value;
  if (minutePointed !== null) return ofMinute(minutePointed);
  const i = pointed === null ? -1 : track.nearest(pointed);
  if (i >= 0 && track.isAnomalous(i)) {
    return { time: track.time[i]!, what: { value: track.value[i]!, isMinute: false } };
  }
  const { at } = place.value;
  if (at === null) return null;
  const minute = pointed === null ? minuteAt(series, at) : undefined;
  if (minute !== undefined) return ofMinute(minute);
  const k = track.nearest(at);
  const isHere = k >= 0 && Math.abs(track.time[k]! - at) < 0.001;
  return { time: at, what: isHere ? { value: track.value[k]!, isMinute: false } : null };
}

function ofMinute({ time, value }: ListedAnomaly): { time: number; what: LookedAt } {
  return { time, what: { value, isMinute: true } };
}

/** The parts as bars, each beginning where the one above ends. */
function Stack({ rows, unit }: { rows: readonly StackRow[]; unit: string }) {
  const places = placesOf(rows);
  return (
    <div class="table-scroll">
      <table class="data stack">
        <caption class="hidden">The parts, each on top of those above</caption>
        <tbody>
          {rows.map((row, i) => (
            <tr key={row.name} class={`is-${row.kind}`}>
              <th scope="row">{row.name}</th>
              <td class="number">
                {row.kind === 'part' ? signedNumber(row.value, unit) : shortNumber(row.value, unit)}
              </td>
              <td class="stack-cell">
                <StackBar row={row} {...places[i]!} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StackBar({ row, start, end }: { row: StackRow; start: number; end: number }) {
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
  const name = row.name.replace(/ .*/, '');
  return (
    <svg class={`stack-bar is-${row.kind} part-${name}`} width="100%" height="14" aria-hidden="true">
      {row.kind === 'part' ? (
        <rect x={percent(start)} y="2" width={percent(end - start)} height="10" />
      ) : (
        <rect x={percent(start)} y="0" width="3" height="14" transform="translate(-1.5 0)" />
      )}
    </svg>
  );
}
