import { ago, fullTime, stateWords } from '../model/format.js';
import { numbersOf } from '../model/numbers.js';
import { shownState } from '../model/shown-state.js';
import type { Entry } from '../state/catalogue.js';
import { now, second } from '../state/clock.js';
import { hrefTo, place } from '../state/location.js';
import { Heads } from './heads.js';
import { SeriesName } from './series-name.js';
import { StateMark } from './state-mark.js';

/** The overview as a table. */
export function SeriesTable({ shown }: { shown: readonly Entry[] }) {
  return (
    <div class="table-scroll">
      <table class="data">
        <caption class="hidden">All series, worst first</caption>
        <Heads names={['Series', 'State', 'Value', 'Expected', 'Band', 'Latest sample', 'Latest anomaly']} />
        <tbody>
          {shown.map((entry) => (
            <SeriesRow key={entry.item.peek().series} entry={entry} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SeriesRow({ entry }: { entry: Entry }) {
  second.value;
  const { series, name, labels, unit, have, need, last, last_anomaly } = entry.item.value;
  const { state, isMinute } = shownState(entry.item.value, now());
  const alarm = !isMinute && (last?.alarm ?? false);
  const { utc } = place.value;
  const known = { ...last, lower: last?.lower_bound, upper: last?.upper_bound };
  const text = numbersOf(known, { unit });
  return (
    <tr>
      <th scope="row">
        <a href={hrefTo({ series, range: entry.window.value, page: 1 })}>
          <SeriesName name={name} labels={labels} />
        </a>
      </th>
      <td>
        <span class="tile-state">
          <StateMark state={state} alarm={alarm} share={need > 0 ? have / need : 0} isMinute={isMinute} />
          {stateWords(state, have, need, isMinute)}
        </span>
      </td>
      <td class="number">{text.value}</td>
      <td class="number">{text.expected}</td>
      <td class="number">{text.band}</td>
      <td>{last === null ? '–' : ago(last.time, now())}</td>
      <td title={last_anomaly === null ? '' : fullTime(last_anomaly, utc)}>
        {last_anomaly === null ? 'none' : ago(last_anomaly, now())}
      </td>
    </tr>
  );
}
