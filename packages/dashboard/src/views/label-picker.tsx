import { useSignal } from '@preact/signals';
import { parseLabelFile, readLabels, writeLabels } from '../model/backtest-labels.js';
import { go, hrefTo, place } from '../state/location.js';

/** What was anomalous indeed, out of a file; it is kept in the address. */
export function LabelPicker({ series }: { series: string }) {
  const problem = useSignal('');
  const count = readLabels(place.value.labels)?.length ?? 0;
  const take = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    if (file === undefined) return;
    try {
      const windows = parseLabelFile(await file.text(), series);
      if (windows.length === 0) throw new Error('The file labels nothing of this series.');
      const labels = writeLabels(windows);
      if (labels.length > LABELS_MOST)
        throw new Error('So many labels need the command line: seismo backtest.');
      problem.value = '';
      go({ labels });
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    }
    input.value = '';
  };
  return (
    <span class="label-picker">
      {count > 0 && (
        <>
          {count} {count === 1 ? 'stretch' : 'stretches'} labelled · <a href={hrefTo({ labels: '' })}>None</a>
        </>
      )}
      <label class="quiet">
        Labels (CSV: from,to){' '}
        <input type="file" accept=".csv,text/csv" onChange={(event) => void take(event.currentTarget)} />
      </label>
      <span class="problem" role="alert">
        {problem.value}
      </span>
    </span>
  );
}

/** As much as an address takes. */
const LABELS_MOST = 4000;
