import { useSignal } from '@preact/signals';
import type { SeriesBody } from '@seismo/server/serve/schemas';
import type { DeviationLimits } from '../model/backtest-messages.js';
import { DIRECTIONS, readDirection, readLeast, type UrlState } from '../model/url-state.js';
import { go, hrefTo, place } from '../state/location.js';

/** Those of the address, and the server's where it names none. */
export function limitsOf(state: UrlState, detector: SeriesBody['detector']): DeviationLimits {
  return {
    direction: state.direction ?? detector.direction,
    leastDeviation: state.least ?? detector.least_deviation,
    leastRelativeDeviation: state.leastRelative ?? detector.least_relative_deviation,
  };
}

const NAMES = { both: 'either way', up: 'up', down: 'down' } as const;

/** Which way and how far a sample must be off to be told. */
export function LimitFields({ detector }: { detector: SeriesBody['detector'] }) {
  const problem = useSignal('');
  const { direction, least, leastRelative } = place.value;
  const limits = limitsOf(place.value, detector);
  const submit = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const read = (name: string) => readLeast(String(form.get(name)));
    const [newLeast, percent] = [read('least'), read('percent')];
    if (newLeast === null || percent === null) {
      problem.value = 'Give numbers of 0 or more.';
      return;
    }
    problem.value = '';
    const newDirection = readDirection(String(form.get('direction')));
    go({ direction: newDirection, least: newLeast, leastRelative: percent / 100 });
  };
  const isOwn = direction !== null || least !== null || leastRelative !== null;
  return (
    <form class="limit-fields" key={JSON.stringify(limits)} onSubmit={submit}>
      <label>
        Told are samples off{' '}
        <select name="direction">
          {DIRECTIONS.map((one) => (
            <option key={one} value={one} selected={one === limits.direction}>
              {NAMES[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        by at least <input name="least" inputMode="decimal" size={6} defaultValue={limits.leastDeviation} />
      </label>
      <label>
        and{' '}
        <input
          name="percent"
          inputMode="decimal"
          size={4}
          defaultValue={Number((100 * limits.leastRelativeDeviation).toPrecision(12))}
        />{' '}
        % of what was expected
      </label>
      <button type="submit">Apply</button>
      {isOwn && <a href={hrefTo({ direction: null, least: null, leastRelative: null })}>As the server</a>}
      <span class="problem" role="alert">
        {problem.value}
      </span>
    </form>
  );
}
