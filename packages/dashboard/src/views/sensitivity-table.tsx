import { useSignal } from '@preact/signals';
import type { SensitivityPoint } from '../model/backtest-messages.js';
import { shortNumber } from '../model/format.js';
import { readSensitivity } from '../model/url-state.js';
import { backtestRun, SENSITIVITIES } from '../state/backtest.js';
import { go, hrefTo, place } from '../state/location.js';

/** Every sensitivity with what it would have told; each is a link that chooses it. */
export function SensitivityTable({ chosen, usual }: { chosen: number; usual: number }) {
  const points = backtestRun.points.value;
  const isLabelled = place.value.labels !== '';
  const all = [...new Set([...SENSITIVITIES, usual, chosen])].sort((a, b) => a - b);
  return (
    <div>
      <div class="table-scroll">
        <table class="data">
          <SensitivityHead isLabelled={isLabelled} />
          <tbody>
            {all.map((sensitivity) => (
              <tr key={sensitivity} class={sensitivity === chosen ? 'is-chosen' : ''}>
                <th scope="row">
                  <a href={hrefTo({ sensitivity })} aria-current={sensitivity === chosen}>
                    {shortNumber(sensitivity)}
                  </a>
                  {sensitivity === usual && <span class="quiet"> this server</span>}
                </th>
                <PointCells point={points.get(sensitivity)} isLabelled={isLabelled} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <OtherSensitivity />
    </div>
  );
}

function SensitivityHead({ isLabelled }: { isLabelled: boolean }) {
  const names = [
    'Alarms a week',
    'Alarms',
    ...(isLabelled ? ['Found', 'False', 'Precision', 'Recall', 'NAB'] : []),
  ];
  return (
    <thead>
      <tr>
        <th scope="col">Sensitivity</th>
        {names.map((name) => (
          <th key={name} scope="col" class="number">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** What one sensitivity would have told; dots until it is known. */
function PointCells({ point, isLabelled }: { point: SensitivityPoint | undefined; isLabelled: boolean }) {
  const labelled = point?.labelled ?? undefined;
  return (
    <>
      <td class="number">{point === undefined ? '…' : shortNumber(point.alarmsPerWeek)}</td>
      <td class="number">{point?.alarms ?? '…'}</td>
      {isLabelled && (
        <>
          <td class="number">{labelled === undefined ? '…' : `${labelled.hits} of ${labelled.windows}`}</td>
          <td class="number">{labelled?.falseAlarms ?? '…'}</td>
          <td class="number">{share(labelled?.precision)}</td>
          <td class="number">{share(labelled?.recall)}</td>
          <td class="number">{labelled === undefined ? '…' : shortNumber(labelled.nab)}</td>
        </>
      )}
    </>
  );
}

function share(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–' : `${Math.round(100 * value)} %`;
}

function OtherSensitivity() {
  const problem = useSignal('');
  const submit = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const sensitivity = readSensitivity(String(form.get('sensitivity')));
    if (sensitivity === null) problem.value = 'Give a number above 0 and at most 1000.';
    else {
      problem.value = '';
      go({ sensitivity });
    }
  };
  return (
    <form class="other-sensitivity" onSubmit={submit}>
      <label>
        Another <input name="sensitivity" inputMode="decimal" size={6} required />
      </label>
      <button type="submit">Try</button>
      <span class="problem" role="alert">
        {problem.value}
      </span>
      <p class="quiet">
        Sensitivity is the number of false alarms to be expected of a series in a week. The server takes it
        with <code>--sensitivity</code>.
      </p>
    </form>
  );
}
