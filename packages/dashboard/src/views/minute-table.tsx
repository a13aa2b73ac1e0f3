import type { View } from '../chart/large-view.js';
import { minuteTime, minuteWords, percent, utcTime, zoneName } from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import type { ListedAnomaly } from '../state/anomalies.js';
import { place } from '../state/location.js';
import { minuteMarks } from '../state/minute-marks.js';
import { unitOfSeries } from '../state/series-unit.js';
import { Heads } from './heads.js';
import { StateMark } from './state-mark.js';

const ROWS_MAX = 60;

/** The whole minutes of the view that are signs in the chart, as a table, newest first. */
export function MinuteTable({ view }: { view: View }) {
  minuteMarks.revision.value;
  const { utc } = place.value;
  const found = minuteMarks.within(view.from, view.to);
  if (found.length === 0) return null;
  const rows = found.slice(-ROWS_MAX).reverse();
  return (
    <div class="table-scroll is-minutes">
      <table class="data" data-minutes={found.length}>
        <caption>
          {found.length} {found.length === 1 ? 'minute' : 'minutes'} found by the model
          {rows.length < found.length ? `, the newest ${rows.length}` : ''}
        </caption>
        <Heads
          names={[`Minute (${zoneName(view.to, utc)})`, 'Value', 'Expected', 'Band', 'Probability', 'State']}
          unit={unitOfSeries(place.value.series)}
        />
        <tbody>
          {rows.map((one) => (
            <MinuteRow key={one.time} one={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MinuteRow({ one }: { one: ListedAnomaly }) {
  const { utc, at } = place.value;
  const text = numbersOf(one);
  return (
    <tr aria-current={one.time === at ? 'true' : undefined}>
      <td>
        <time dateTime={utcTime(one.time)} title={utcTime(one.time)}>
          {minuteTime(one.time, utc)}
        </time>
      </td>
      <td class="number">{text.value}</td>
      <td class="number">{text.expected}</td>
      <td class="number">{text.band}</td>
      <td class="number">{percent(one.probability ?? Number.NaN)}</td>
      <td>
        <span class="tile-state">
          <StateMark state={one.isWithdrawn ? 'unknown' : 'anomalous'} alarm={one.alarm} isMinute />
          {minuteWords(one)}
        </span>
      </td>
    </tr>
  );
}
