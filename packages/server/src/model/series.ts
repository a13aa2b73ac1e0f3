/** A metric name with its labels; `id` is a small integer given once, in order of first appearance. */
export interface Series {
  readonly id: number;
  /** `latency{service="checkout"}`: labels sorted by name; the bare name when there are none. */
  readonly key: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The one spelling of a series: name, then labels sorted by name, values with \\, " and newline escaped. */
export function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels);
  if (names.length === 0) return name;
  if (names.length > 1) names.sort();
  let text = `${name}{`;
  for (let i = 0; i < names.length; i++) {
    const label = names[i]!;
    text += `${i === 0 ? '' : ','}${label}="${escapeLabelValue(labels[label]!)}"`;
  }
  return `${text}}`;
}

function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))
    : value;
}
