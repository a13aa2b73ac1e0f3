import type { LargeChartModel } from '../chart/large-chart-model.js';
import type { ForecastPoint } from '../model/forecast.js';
import {
  ago,
  clockTime,
  fullTime,
  minuteTime,
  minuteWords,
  percent,
  sampleWords,
  utcTime,
  zoneName,
} from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import type { ListedAnomaly } from '../state/anomalies.js';
import { now } from '../state/clock.js';
import { detail } from '../state/detail.js';
import { place } from '../state/location.js';
import { minuteAt } from '../state/minute-marks.js';
import { unitOfSeries } from '../state/series-unit.js';
import { StateMark } from './state-mark.js';

/** What the pointer is at, or the sample of the address, or else the newest: one line that never jumps. */
export function Readout({ chart }: { chart: LargeChartModel }) {
  detail.revision.value;
  const { utc, at } = place.value;
  const ahead = chart.pointedAhead.value;
  if (ahead !== null) return <AheadReadout point={ahead} unit={chart.unit} isSpoken={chart.isSpoken.value} />;
  const pointed = chart.pointedMinute.value;
  if (pointed !== null) return <MinuteReadout minute={pointed} isSpoken={chart.isSpoken.value} />;
  const linked = chart.pointed.value === null && at !== null ? minuteAt(chart.series, at) : undefined;
  if (linked !== undefined) return <MinuteReadout minute={linked} isLinked />;
  const { track } = detail;
  const time = chart.pointed.value ?? at;
  const i = time === null ? track.length - 1 : track.nearest(time);
  if (i < 0) return <p class="readout quiet">No sample here.</p>;
  const sample = track.at(i);
  const text = numbersOf(sample, { unit: chart.unit, digitsLeast: 7 });
  const which = chart.pointed.value !== null ? 'pointed at' : at !== null ? 'linked' : 'newest';
  return (
    <dl class="readout" aria-live={chart.isSpoken.value ? 'polite' : 'off'}>
      <div class="readout-time">
        <dt>{which}</dt>
        <dd title={utcTime(sample.time)}>
          <time dateTime={utcTime(sample.time)}>{fullTime(sample.time, utc)}</time>{' '}
          <span class="quiet">
            {utc || zoneName(sample.time, false) === 'UTC' ? 'UTC' : `${clockTime(sample.time, true)} UTC`}
          </span>
        </dd>
      </div>
      <Item name="value" value={text.value} isStrong />
      <Item name="expected" value={text.expected} />
      <Item name="band" value={text.band} />
      <Item name="probability" value={percent(sample.probability)} />
      <div class="readout-state">
        <dt>state</dt>
        <dd class={`is-${sample.state}`}>
          <StateMark state={sample.state} alarm={sample.alarm} /> {sampleWords(sample)}
        </dd>
      </div>
    </dl>
  );
}

/** A minute that the model of the series found anomalous. */
function MinuteReadout({
  minute,
  isLinked = false,
  isSpoken = false,
}: {
  minute: ListedAnomaly;
  isLinked?: boolean;
  isSpoken?: boolean;
}) {
  const { utc } = place.value;
  const text = numbersOf(minute, { unit: unitOfSeries(minute.series), digitsLeast: 7 });
  return (
    <dl class="readout" aria-live={isSpoken ? 'polite' : 'off'}>
      <div class="readout-time">
        <dt>{isLinked ? 'linked minute' : 'minute pointed at'}</dt>
        <dd title={utcTime(minute.time)}>
          <time dateTime={utcTime(minute.time)}>{minuteTime(minute.time, utc)}</time>
        </dd>
      </div>
      <Item name="mean" value={text.value} isStrong />
      <Item name="expected" value={text.expected} />
      <Item name="band" value={text.band} />
      <Item name="probability" value={percent(minute.probability ?? Number.NaN)} />
      <div class="readout-state">
        <dt>state</dt>
        <dd class={minute.isWithdrawn ? '' : 'is-anomalous'}>
          <StateMark state={minute.isWithdrawn ? 'unknown' : 'anomalous'} alarm={minute.alarm} isMinute />{' '}
          {minuteWords(minute)}
        </dd>
      </div>
    </dl>
  );
}

/** A minute that is still to come. */
function AheadReadout({ point, unit, isSpoken }: { point: ForecastPoint; unit: string; isSpoken: boolean }) {
  const { utc } = place.value;
  const text = numbersOf(point, { unit });
  return (
    <dl class="readout" aria-live={isSpoken ? 'polite' : 'off'}>
      <div class="readout-time">
        <dt>forecast</dt>
        <dd title={utcTime(point.time)}>
          <time dateTime={utcTime(point.time)}>{minuteTime(point.time, utc)}</time>{' '}
          <span class="quiet">{point.time > now() ? ago(point.time, now()) : 'this minute'}</span>
        </dd>
      </div>
      <Item name="expected" value={text.expected} isStrong />
      <Item name="95 of 100 lie in" value={text.band} />
    </dl>
  );
}

function Item({ name, value, isStrong = false }: { name: string; value: string; isStrong?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isStrong ? 'strong' : ''}>{value}</dd>
    </div>
  );
}
