import type { LargeChartModel } from '../chart/large-chart-model.js';
import type { ForecastPoint } from '../model/forecast.js';
import {
  ago,
  bandText,
  clockTime,
  exactNumber,
  fullTime,
  minuteTime,
  percent,
  sampleWords,
  shortNumber,
  utcTime,
  zoneName,
} from '../model/format.js';
import { type ListedAnomaly, minuteAnomalyAt } from '../state/anomalies.js';
import { now } from '../state/clock.js';
import { detail } from '../state/detail.js';
import { place } from '../state/location.js';
import { StateMark } from './state-mark.js';

/** What the pointer is at, or the sample of the address, or else the newest: one line that never jumps. */
export function Readout({ chart }: { chart: LargeChartModel }) {
  detail.revision.value;
  const { utc, at } = place.value;
  const ahead = chart.pointedAhead.value;
  if (ahead !== null) return <AheadReadout point={ahead} isSpoken={chart.isSpoken.value} />;
  const minute = chart.pointed.value === null && at !== null ? minuteAnomalyAt(chart.series, at) : undefined;
  if (minute !== undefined) return <MinuteReadout minute={minute} />;
  const { track } = detail;
  const time = chart.pointed.value ?? at;
  const i = time === null ? track.length - 1 : track.nearest(time);
  if (i < 0) return <p class="readout quiet">No sample here.</p>;
  const sample = track.at(i);
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
      <Item name="value" value={exactNumber(sample.value)} isStrong />
      <Item name="expected" value={shortNumber(sample.expected)} />
      <Item name="band" value={bandText(sample.lower, sample.upper)} />
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

/** A minute that the model of the series found anomalous, where the address points at it. */
function MinuteReadout({ minute }: { minute: ListedAnomaly }) {
  const { utc } = place.value;
  return (
    <dl class="readout">
      <div class="readout-time">
        <dt>linked minute</dt>
        <dd title={utcTime(minute.time)}>
          <time dateTime={utcTime(minute.time)}>{minuteTime(minute.time, utc)}</time>
        </dd>
      </div>
      <Item name="mean" value={exactNumber(minute.value)} isStrong />
      <Item name="expected" value={shortNumber(minute.expected)} />
      <Item name="band" value={bandText(minute.lower, minute.upper)} />
      <Item name="probability" value={percent(minute.probability ?? Number.NaN)} />
      <div class="readout-state">
        <dt>state</dt>
        <dd class={minute.isWithdrawn ? '' : 'is-anomalous'}>
          <StateMark state={minute.isWithdrawn ? 'unknown' : 'anomalous'} alarm={minute.alarm} />{' '}
          {minute.isWithdrawn ? 'withdrawn after late samples' : minute.alarm ? 'alarm' : 'anomalous'}
        </dd>
      </div>
    </dl>
  );
}

/** A minute that is still to come. */
function AheadReadout({ point, isSpoken }: { point: ForecastPoint; isSpoken: boolean }) {
  const { utc } = place.value;
  return (
    <dl class="readout" aria-live={isSpoken ? 'polite' : 'off'}>
      <div class="readout-time">
        <dt>forecast</dt>
        <dd title={utcTime(point.time)}>
          <time dateTime={utcTime(point.time)}>{minuteTime(point.time, utc)}</time>{' '}
          <span class="quiet">{point.time > now() ? ago(point.time, now()) : 'this minute'}</span>
        </dd>
      </div>
      <Item name="expected" value={shortNumber(point.expected)} isStrong />
      <Item name="95 of 100 lie in" value={bandText(point.lower, point.upper)} />
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
