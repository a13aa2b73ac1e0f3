import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { zoneName, zoneOffset } from '../model/format.js';
import type { RangeName } from '../model/url-state.js';
import { go, hrefTo, place } from '../state/location.js';

const OFFERED: [RangeName, string][] = [
  ['5m', 'Live'],
  ['15m', '15 min'],
  ['1h', '1 h'],
  ['6h', '6 h'],
  ['1d', '1 day'],
  ['7d', '7 days'],
  ['30d', '30 days'],
];

/** Live windows, and an own one from and to. */
export function RangeBar({ usual, shown }: { usual: RangeName; shown: () => { from: number; to: number } }) {
  const { range, from } = place.value;
  const current = from === null ? (range ?? usual) : null;
  const isOwnOpen = useSignal(false);
  return (
    <div class="range-bar">
      <nav class="switch" aria-label="Time range">
        {OFFERED.map(([name, words]) => (
          <a
            key={name}
            href={hrefTo({ range: name, from: null, to: null, at: null })}
            aria-current={current === name}
            title={name === '5m' ? 'The last 5 minutes' : undefined}
          >
            {words}
          </a>
        ))}
      </nav>
      <button
        type="button"
        class="plain"
        aria-expanded={isOwnOpen.value}
        aria-pressed={from !== null}
        onClick={() => (isOwnOpen.value = !isOwnOpen.value)}
      >
        From – to
      </button>
      {isOwnOpen.value && <OwnRange shown={shown} done={() => (isOwnOpen.value = false)} />}
    </div>
  );
}

function OwnRange({ shown, done }: { shown: () => { from: number; to: number }; done: () => void }) {
  const { utc } = place.value;
  const problem = useSignal('');
  // What one is typing must not be overwritten by the clock.
  const start = useMemo(shown, []);
  const submit = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const from = secondsOf(String(form.get('from')), utc);
    const to = secondsOf(String(form.get('to')), utc);
    if (from === null || to === null) problem.value = 'Give both times.';
    else if (to <= from) problem.value = '“To” must be later than “from”.';
    else {
      go({ from, to, range: null, at: null });
      done();
    }
  };
  return (
    <form class="own-range" onSubmit={submit}>
      <label>
        From
        <input type="datetime-local" name="from" step="1" defaultValue={fieldOf(start.from, utc)} required />
      </label>
      <label>
        To
        <input type="datetime-local" name="to" step="1" defaultValue={fieldOf(start.to, utc)} required />
      </label>
      <span class="quiet">{zoneName(start.to, utc)}</span>
      <button type="submit" class="primary">
        Show
      </button>
      <span class="problem" role="alert">
        {problem.value}
      </span>
    </form>
  );
}

function fieldOf(seconds: number, utc: boolean): string {
  return new Date((Math.round(seconds) + zoneOffset(seconds, utc)) * 1000).toISOString().slice(0, 19);
}

function secondsOf(text: string, utc: boolean): number | null {
  const ms = Date.parse(utc ? `${text}Z` : text);
  return Number.isNaN(ms) ? null : ms / 1000;
}
