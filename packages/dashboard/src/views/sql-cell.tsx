import { useSignal } from '@preact/signals';
import type { SqlField } from '../api/sql-jobs.js';
import { isNumber, valueText, wholeText } from '../model/sql-values.js';

/** What is longer, or has several lines, is cut until somebody asks for all of it. */
const SHORT_MOST = 60;

/** NULL is written otherwise than a text of these letters; the empty text is nothing. */
export function SqlCell({ field, value }: { field: SqlField; value: unknown }) {
  const kind = isNumber(field) ? 'number' : undefined;
  if (value === null && field.mode !== 'REPEATED') {
    return (
      <td class={kind}>
        <i class="null">NULL</i>
      </td>
    );
  }
  const text = valueText(value ?? [], field);
  if (text.length <= SHORT_MOST && !text.includes('\n')) return <td class={kind}>{text}</td>;
  return (
    <td>
      <LongText field={field} text={text} />
    </td>
  );
}

function LongText({ field, text }: { field: SqlField; text: string }) {
  const isOpen = useSignal(false);
  const start = text.slice(0, SHORT_MOST).replaceAll('\n', '↵');
  return (
    <>
      <button
        type="button"
        class="sql-long"
        aria-expanded={isOpen.value}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        {isOpen.value ? 'Less' : `${start} …`}
      </button>
      {isOpen.value && <div class="sql-whole">{wholeText(text, field)}</div>}
    </>
  );
}
