import { useEffect, useRef } from 'preact/hooks';
import { READY_STATEMENTS } from '../model/ready-statements.js';
import { placeIn, statementWords } from '../model/sql-words.js';
import { second } from '../state/clock.js';
import { place } from '../state/location.js';
import {
  cancelRun,
  isAnswering,
  type LastScript,
  lastScript,
  runEditor,
  running,
  sqlError,
} from '../state/sql.js';
import { editorText } from '../state/sql-text.js';
import { SqlResult } from './sql-result.js';
import '../styles/sql.css';

/** An editor, statements that are ready to run, and what the last run gave. */
export function SqlView() {
  const editor = useRef<HTMLTextAreaElement>(null);
  // A link, or back and forward, brought another statement.
  const { sql } = place.value;
  useEffect(() => {
    if (sql !== null && sql !== '') editorText.value = sql;
  }, [sql]);
  useEffect(() => editor.current?.focus(), []);
  const pick = (statement: string) => {
    editorText.value = statement;
    editor.current?.focus();
  };
  const show = (position: number) => {
    editor.current?.focus();
    editor.current?.setSelectionRange(position, position);
  };
  return (
    <main class="wide sql" aria-labelledby="series-title">
      <header class="section-head">
        <h1 id="series-title">SQL</h1>
        <span class="quiet">BigQuery's, models included; runs the same on Google Cloud</span>
      </header>
      <ul class="sql-ready" aria-label="Statements ready to run">
        {READY_STATEMENTS.map((ready) => (
          <li key={ready.name}>
            <button type="button" onClick={() => pick(ready.sql)}>
              {ready.name}
            </button>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void runEditor();
        }}
        onKeyDown={onKey}
      >
        <label class="hidden" for="sql-editor">
          Statements
        </label>
        <textarea
          ref={editor}
          id="sql-editor"
          class="sql-editor"
          rows={Math.min(24, Math.max(7, editorText.value.split('\n').length + 1))}
          spellcheck={false}
          autoCapitalize="off"
          autoComplete="off"
          placeholder="SELECT * FROM `metrics_dataset.metrics_table` ORDER BY timestamp DESC LIMIT 100"
          aria-describedby="sql-keys"
          value={editorText.value}
          onInput={(event) => (editorText.value = event.currentTarget.value)}
        />
        <Bar />
      </form>
      <Outcome show={show} />
    </main>
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void runEditor();
  } else if (event.key === 'Escape' && running.peek() !== null) {
    event.preventDefault();
    void cancelRun();
  }
}

function Bar() {
  const run = running.value;
  return (
    <div class="sql-bar">
      {/* Not disabled: it would lose the focus, and the keyboard with it. */}
      <button type="submit" class="primary" aria-disabled={run !== null || editorText.value.trim() === ''}>
        Run
      </button>
      {run !== null && (
        <button type="button" onClick={() => void cancelRun()}>
          Cancel
        </button>
      )}
      <span role="status">{run === null ? <LastWords /> : <RunningWords startedMs={run.startedMs} />}</span>
      <span class="spring" />
      <span id="sql-keys" class="quiet">
        <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs, <kbd>Esc</kbd> cancels
      </span>
    </div>
  );
}

function RunningWords({ startedMs }: { startedMs: number }) {
  second.value;
  const seconds = Math.floor((performance.now() - startedMs) / 1000);
  return (
    <>
      Running{seconds < 2 ? ' …' : `, ${seconds} s`}
      {!isAnswering.value && '. The server does not answer; it is asked again.'}
    </>
  );
}

/** What the statements did, in few words. */
function LastWords() {
  const last = lastScript.value;
  if (last === null || sqlError.value !== null) return null;
  const { statements, failure, isCancelled, seconds } = last;
  const words = statements.map(statementWords);
  if (isCancelled) words.push(`Cancelled after ${seconds.toFixed(0)} s`);
  if (failure !== null && words.length === 0) return null;
  return (
    <>
      {words.join('. ')}
      {failure === null && `, in ${seconds.toFixed(2)} s`}
    </>
  );
}

function Outcome({ show }: { show: (position: number) => void }) {
  const error = sqlError.value;
  const last = lastScript.value;
  if (error !== null) {
    return (
      <p class="sql-failure" role="alert">
        {error}
      </p>
    );
  }
  if (last === null) return null;
  const isOld = running.value !== null;
  const withRows = last.statements.filter(({ fields }) => fields !== null);
  return (
    <div class={isOld ? 'is-old' : ''}>
      {!isOld && <Failure last={last} show={show} />}
      <Remarks kind="Warning" remarks={last.warnings} />
      <Remarks kind="Note" remarks={last.notes} />
      {withRows.map((result, at) => (
        <SqlResult
          // A new run begins at its first page.
          key={`${at} ${last.seconds}`}
          result={result}
          name={withRows.length === 1 ? 'the result' : `result ${at + 1} of ${withRows.length}`}
        />
      ))}
    </div>
  );
}

function Failure({ last, show }: { last: LastScript; show: (position: number) => void }) {
  const { failure, isCancelled, sql } = last;
  if (failure === null || isCancelled) return null;
  const position = placeIn(sql, failure);
  return (
    <p class="sql-failure" role="alert">
      {failure}{' '}
      {position !== null && sql === editorText.value && (
        <button type="button" onClick={() => show(position)}>
          Show the place
        </button>
      )}
    </p>
  );
}

/** What the server warns of, and what explains why there is nothing. */
function Remarks({ kind, remarks }: { kind: 'Warning' | 'Note'; remarks: readonly string[] }) {
  if (remarks.length === 0) return null;
  return (
    <ul class="sql-remarks" role="status" aria-label={`${kind}s`}>
      {remarks.map((text, at) => (
        // By place: two statements may warn of the same.
        <li key={at}>
          <b>{kind}</b> {text}
        </li>
      ))}
    </ul>
  );
}
