/** Name in full, labels quieter. */
export function SeriesName({ name, labels }: { name: string; labels: Readonly<Record<string, string>> }) {
  const shown = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return (
    <span class="series-name" title={[name, ...shown].join(' ')}>
      <span class="metric">{name}</span>
      <span class="labels">
        {Object.entries(labels).map(([label, value]) => (
          <span class="label" key={label}>
            {label}=<b>{value}</b>
          </span>
        ))}
      </span>
    </span>
  );
}
