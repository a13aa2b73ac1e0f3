import { signOut } from '../api/client.js';
import { countText, zoneName } from '../model/format.js';
import { COUNTED_MAX, recentAlarms } from '../state/alarm-count.js';
import { counts, entries, summary } from '../state/catalogue.js';
import { now } from '../state/clock.js';
import { connection } from '../state/feed.js';
import { hrefTo, place } from '../state/location.js';
import { refreshSession, session } from '../state/session.js';
import { editorText } from '../state/sql-text.js';
import { StateMark } from './state-mark.js';

const OVERVIEW = {
  series: null,
  range: null,
  from: null,
  to: null,
  at: null,
  query: '',
  page: 1,
  models: false,
  sql: null,
  backtest: false,
  sensitivity: null,
  labels: '',
};

export function TopBar() {
  const { models, series, sql } = place.value;
  return (
    <header class="top-bar">
      <a class="brand" href={hrefTo(OVERVIEW)}>
        <Logo />
        Seismo
      </a>
      <nav class="switch" aria-label="What is shown">
        <a href={hrefTo(OVERVIEW)} aria-current={!models && (sql === null || series !== null)}>
          Series
        </a>
        <a href={hrefTo({ ...OVERVIEW, models: true })} aria-current={models && series === null}>
          Models
        </a>
        <a
          href={hrefTo({ ...OVERVIEW, sql: editorText.value })}
          aria-current={sql !== null && series === null}
        >
          SQL
        </a>
      </nav>
      <Summary />
      <span class="spring" />
      <ConnectionSign />
      {sql !== null && series === null ? <span class="zone quiet">Times in UTC</span> : <ZoneSwitch />}
      {session.value?.key_required === true && (
        <button type="button" class="plain" onClick={() => void leave()}>
          Sign out
        </button>
      )}
    </header>
  );
}

/** Not on the SQL page: what statements do with days and hours they do in UTC. */
function ZoneSwitch() {
  const { utc } = place.value;
  const local = zoneName(now(), false);
  return (
    <nav class="switch zone" aria-label="Time zone shown">
      <a href={hrefTo({ utc: false })} aria-current={!utc}>
        {local === 'UTC' ? 'Local' : `Local ${local}`}
      </a>
      <a href={hrefTo({ utc: true })} aria-current={utc}>
        UTC
      </a>
    </nav>
  );
}

async function leave(): Promise<void> {
  try {
    await signOut(session.peek()?.csrf_token ?? null);
  } finally {
    await refreshSession();
  }
}

function Summary() {
  const { anomalous, warming_up, no_data, unknown, ok } = counts.value;
  const alarms = recentAlarms.value;
  if (entries.value.size === 0) return null;
  const parts = [
    { state: 'anomalous', count: anomalous, word: 'anomalous' },
    { state: 'no_data', count: no_data, word: 'no data' },
    { state: 'warming_up', count: warming_up, word: 'learning' },
    { state: 'unknown', count: unknown, word: 'not judged' },
    { state: 'ok', count: ok, word: 'ok' },
  ] as const;
  return (
    <ul class="summary" aria-label="Series by state, and fresh alarms">
      {parts
        .filter((part) => part.count > 0 || part.state === 'anomalous')
        .map((part) => (
          <li key={part.state} class={part.count > 0 ? `is-${part.state}` : 'is-none'}>
            <StateMark state={part.state} share={0.6} />
            <b>{countText(part.count)}</b> {part.word}
          </li>
        ))}
      {alarms !== null && alarms > 0 && (
        <li class="recent-alarms">
          <b>{alarms < COUNTED_MAX ? alarms : `${COUNTED_MAX} or more`}</b>{' '}
          {alarms === 1 ? 'alarm' : 'alarms'} in the last hour
        </li>
      )}
      {summary.value?.detector.caught_up === false && (
        <li
          class="is-warming_up"
          title={summary.value.detector.rebuilding ?? 'Judging what came in meanwhile'}
        >
          catching up
        </li>
      )}
    </ul>
  );
}

function ConnectionSign() {
  const { state } = connection.status.value;
  const words = { live: 'Live', connecting: 'Connecting', waiting: 'Disconnected' }[state];
  return (
    <span class={`connection is-${state}`}>
      <span class="connection-dot" aria-hidden="true" />
      {words}
    </span>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" class="logo">
      <path d="M2 18h7l2.5-5 3 11 4-18 3 14 2-4H30" />
    </svg>
  );
}
