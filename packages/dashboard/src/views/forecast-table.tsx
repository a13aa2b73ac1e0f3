import type { View } from '../chart/large-view.js';
import type { ForecastPoint } from '../model/forecast.js';
import { ago, minuteTime, utcTime, zoneName } from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import { now, second } from '../state/clock.js';
import { forecast } from '../state/forecast.js';
import { place } from '../state/location.js';
import { unitOfSeries } from '../state/series-unit.js';
import { Heads } from './heads.js';

const ROWS_MAX = 60;

/** What is expected of the minutes ahead, as a table. */
export function ForecastTable({ view }: { view: View }) {
  second.value;
  const { utc } = place.value;
  const ahead = forecast.value?.within(view.from, view.to, now()) ?? [];
  const rows = ahead.slice(0, ROWS_MAX);
  if (rows.length === 0) return null;
  return (
    <div class="table-scroll is-forecast">
      <table class="data" data-ahead={ahead.length}>
        <caption>
          Forecast: {rows.length < ahead.length ? `the first ${rows.length} of ` : ''}
          {ahead.length} {ahead.length === 1 ? 'minute' : 'minutes'} ahead; 95 of 100 minutes will lie in the
          band
        </caption>
        <Heads
          names={[`Time (${zoneName(view.to, utc)})`, 'Expected', 'Band', 'When']}
          unit={unitOfSeries(place.value.series)}
        />
        <tbody>
          {rows.map((point) => (
            <MinuteAhead key={point.time} point={point} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MinuteAhead({ point }: { point: ForecastPoint }) {
  const { utc } = place.value;
  const { time } = point;
  const text = numbersOf(point);
  return (
    <tr>
      <td>
        <time dateTime={utcTime(time)} title={utcTime(time)}>
          {minuteTime(time, utc)}
        </time>
      </td>
      <td class="number">{text.expected}</td>
      <td class="number">{text.band}</td>
      <td>{time > now() ? ago(time, now()) : 'this minute'}</td>
    </tr>
  );
}
