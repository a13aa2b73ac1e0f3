import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, signIn } from '../api/client.js';
import { session } from '../state/session.js';

/** The server's sentence and its advice, such as how long to wait after too many wrong keys. */
function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  return [error.message, error.hint].filter(Boolean).join(' ');
}

/** Asks for an API key once; afterwards the browser holds a cookie that scripts cannot read. */
export function SignIn() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const key = String(new FormData(form).get('key') ?? '').trim();
    if (key === '') {
      problem.value = 'Enter a key first.';
      return;
    }
    isBusy.value = true;
    try {
      session.value = await signIn(key);
    } catch (error) {
      const isWrong = error instanceof ApiError && (error.status === 401 || error.status === 403);
      problem.value = isWrong ? 'The server does not know this key.' : wordsOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>Sign in to Seismo</h1>
        <p>
          This server wants a key: one of those it was started with in <code>--api-key</code> or{' '}
          <code>SEISMO_API_KEYS</code>.
        </p>
        <label for="key">API key</label>
        <input
          ref={field}
          id="key"
          name="key"
          type="password"
          autoComplete="current-password"
          aria-invalid={problem.value !== ''}
          aria-describedby="key-problem"
        />
        <p id="key-problem" class="problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="primary" disabled={isBusy.value}>
          Sign in
        </button>
      </form>
    </main>
  );
}
