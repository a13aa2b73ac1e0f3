import { useSignal } from '@preact/signals';
import type { View } from '../chart/large-view.js';
import { fullTime, percent, sampleWords, utcTime, zoneName } from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import type { TrackSample } from '../model/track.js';
import { detail } from '../state/detail.js';
import { place } from '../state/location.js';
import { unitOfSeries } from '../state/series-unit.js';
import { Arrow } from './arrow.js';
import { Heads } from './heads.js';
import { StateMark } from './state-mark.js';

const ROWS = 200;

/** The chart's samples as a table, newest first. */
export function SampleTable({ view }: { view: View }) {
  const skipped = useSignal(0);
  detail.revision.value;
  const { track } = detail;
  const { utc } = place.value;
  const first = track.indexFrom(view.from);
  const end = track.indexFrom(view.to);
  const count = end - first;
  const skip = Math.min(skipped.value, Math.max(0, count - 1));
  const rows = Array.from({ length: Math.min(ROWS, count - skip) }, (_, k) => track.at(end - 1 - skip - k));
  return (
    <div class="table-scroll">
      <table class="data" data-samples={count}>
        <caption>
          {count === 0
            ? 'No samples in this range'
            : `Samples ${skip + 1} to ${skip + rows.length} of ${count}, newest first`}
        </caption>
        <Heads
          names={[`Time (${zoneName(view.to, utc)})`, 'Value', 'Expected', 'Band', 'Probability', 'State']}
          unit={unitOfSeries(place.value.series)}
        />
        <tbody>
          {rows.map((row) => (
            <SampleRow key={row.time} row={row} />
          ))}
        </tbody>
      </table>
      {count > ROWS && (
        <p class="pages">
          <button
            type="button"
            disabled={skip === 0}
            onClick={() => (skipped.value = Math.max(0, skip - ROWS))}
          >
            <Arrow to="left" /> Newer
          </button>
          <button type="button" disabled={skip + ROWS >= count} onClick={() => (skipped.value = skip + ROWS)}>
            Older <Arrow to="right" />
          </button>
        </p>
      )}
    </div>
  );
}

function SampleRow({ row }: { row: TrackSample }) {
  const { utc, at } = place.value;
  const text = numbersOf(row, { digitsLeast: 7 });
  return (
    <tr class={`is-${row.state}`} aria-current={row.time === at ? 'true' : undefined}>
      <td>
        <time dateTime={utcTime(row.time)} title={utcTime(row.time)}>
          {fullTime(row.time, utc)}
        </time>
      </td>
      <td class="number">{text.value}</td>
      <td class="number">{text.expected}</td>
      <td class="number">{text.band}</td>
      <td class="number">{percent(row.probability)}</td>
      <td>
        <span class="tile-state">
          <StateMark state={row.state} alarm={row.alarm} />
          {sampleWords(row)}
        </span>
      </td>
    </tr>
  );
}
