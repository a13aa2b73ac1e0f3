import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { ROWS_MOST, type SqlField, type SqlRow, type StatementResult } from '../api/sql-jobs.js';
import { chartOf } from '../model/sql-lines.js';
import { isNumber } from '../model/sql-values.js';
import { countWords } from '../model/sql-words.js';
import { SqlCell } from './sql-cell.js';
import { SqlChart } from './sql-chart.js';

const PAGE_ROWS = 100;

/** Chart and table of what one statement gave. */
export function SqlResult({ result, name }: { result: StatementResult; name: string }) {
  const wanted = useSignal<string | null>(null);
  const { fields, rows, rowCount } = result;
  const value = wanted.value;
  const chart = useMemo(() => (fields === null ? null : chartOf(fields, rows, value)), [result, value]);
  if (fields === null) return null;
  return (
    <div class="sql-result">
      {chart !== null && (
        <SqlChart
          chart={chart}
          choose={(column) => (wanted.value = column)}
          isPartial={rowCount > rows.length}
        />
      )}
      <Table fields={fields} rows={rows} name={name} />
      {rowCount > rows.length && (
        <p class="quiet">
          The first {countWords(Math.min(ROWS_MOST, rows.length))} of {rowCount.toLocaleString('en-US')}. All
          of them: <code>seismo sql --format csv</code>.
        </p>
      )}
    </div>
  );
}

interface TableProps {
  readonly fields: readonly SqlField[];
  readonly rows: readonly SqlRow[];
  readonly name: string;
}

function Table({ fields, rows, name }: TableProps) {
  const page = useSignal(1);
  const scroller = useRef<HTMLElement>(null);
  const first = (page.value - 1) * PAGE_ROWS;
  const turn = (to: number) => {
    page.value = to;
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard could not scroll a wide table otherwise */}
      <section ref={scroller} class="table-scroll sql-table" aria-label={`Rows of ${name}`} tabIndex={0}>
        <table class="data">
          <caption class="hidden">{name}</caption>
          <thead>
            <tr>
              {fields.map((field) => (
                <th
                  key={field.name}
                  scope="col"
                  class={isNumber(field) ? 'number' : undefined}
                  title={typeWords(field)}
                >
                  {field.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(first, first + PAGE_ROWS).map(({ f }, row) => (
              <tr key={first + row}>
                {fields.map((field, column) => (
                  <SqlCell key={field.name} field={field} value={f[column]?.v ?? null} />
                ))}
              </tr>
            ))}
            {rows.length === 0 && (
              <tr>
                <td class="quiet" colSpan={fields.length}>
                  No rows
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </section>
      {rows.length > PAGE_ROWS && <Pages at={page.value} count={rows.length} turn={turn} />}
    </>
  );
}

/** Not disabled at the ends: that would take the focus away. */
function Pages({ at, count, turn }: { at: number; count: number; turn: (to: number) => void }) {
  const pages = Math.ceil(count / PAGE_ROWS);
  const first = (at - 1) * PAGE_ROWS;
  return (
    <nav class="pages" aria-label="Pages of rows">
      <button type="button" aria-disabled={at === 1} onClick={() => turn(Math.max(1, at - 1))}>
        Back
      </button>
      <span role="status">
        {first + 1} to {Math.min(count, first + PAGE_ROWS)} of {count.toLocaleString('en-US')}
      </span>
      <button type="button" aria-disabled={at === pages} onClick={() => turn(Math.min(pages, at + 1))}>
        On
      </button>
    </nav>
  );
}

const TYPES: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
};

function typeWords({ type, mode }: SqlField): string {
  const name = TYPES[type] ?? type;
  return mode === 'REPEATED' ? `ARRAY<${name}>` : name;
}
