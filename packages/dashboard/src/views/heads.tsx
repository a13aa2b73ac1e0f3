const NUMBERS = new Set(['Value', 'Expected', 'Band', 'Probability', 'Steps', 'Anomalous samples']);

/** In the unit of the series. */
const MEASURED = new Set(['Value', 'Expected', 'Band']);

/** The heads of a table of samples; those of numbers stand above their digits, with the unit that all of these have. */
export function Heads({ names, unit = '' }: { names: readonly string[]; unit?: string }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col" class={NUMBERS.has(name) ? 'number' : undefined}>
            {unit !== '' && MEASURED.has(name) ? `${name} (${unit})` : name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
