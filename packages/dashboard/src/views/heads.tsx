const NUMBERS = new Set(['Value', 'Expected', 'Band', 'Probability', 'Steps']);

/** The heads of a table of samples; those of numbers stand above their digits. */
export function Heads({ names }: { names: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col" class={NUMBERS.has(name) ? 'number' : undefined}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
