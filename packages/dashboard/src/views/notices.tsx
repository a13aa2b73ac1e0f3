import type { ApiError } from '../api/client.js';
import { clockTime, span } from '../model/format.js';
import { second } from '../state/clock.js';
import { connection } from '../state/feed.js';
import { addressProblem, place } from '../state/location.js';
import { session } from '../state/session.js';

/** Tells that what is on screen stands still, and when the next try comes. */
export function DisconnectedBanner() {
  second.value;
  const status = connection.status.value;
  if (status.state !== 'waiting') return null;
  const waitSeconds = Math.max(0, Math.ceil((status.retryAtMs - Date.now()) / 1000));
  return (
    <div class="banner" role="status">
      <span>
        <b>Disconnected</b> since {clockTime(status.sinceMs / 1000, place.value.utc)}: what you see is not up
        to date.{' '}
        <span aria-hidden="true">Next try {waitSeconds === 0 ? 'now' : `in ${span(waitSeconds)}`}.</span>
      </span>
      <button type="button" onClick={() => connection.retryNow()}>
        Try now
      </button>
    </div>
  );
}

/** Tells what of the address could not be shown. */
export function AddressNotice() {
  if (addressProblem.value === null) return null;
  return (
    <div class="banner" role="alert">
      <span>{addressProblem.value} Shown instead: the usual range.</span>
      <button type="button" onClick={() => (addressProblem.value = null)}>
        Close
      </button>
    </div>
  );
}

/** No series yet: what to type to see one. */
export function EmptyState() {
  const key = session.value?.key_required ? ` -H "X-API-Key: $KEY"` : '';
  const line = `curl -X POST ${location.origin}/metrics${key} -H 'Content-Type: application/json' -d '{"timestamp": '$(date +%s)', "latency": 312.0, "cpu": 100}'`;
  return (
    <section class="big-note">
      <h1>No series yet</h1>
      <p>Seismo is running and waits for the first sample. Send one:</p>
      <pre>
        <code>{line}</code>
      </pre>
      <button type="button" onClick={() => void navigator.clipboard?.writeText(line)}>
        Copy
      </button>
      <p class="quiet">
        Every number beside “timestamp” becomes a series of that name. It appears here at once.
      </p>
    </section>
  );
}

export function ErrorState({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <section class="big-note is-error" role="alert">
      <h1>{error.isOffline ? 'The server cannot be reached' : 'That did not work'}</h1>
      <p>
        {error.message} {error.hint}
      </p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </section>
  );
}
