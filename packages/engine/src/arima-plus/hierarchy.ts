/** For each level above the series, the lowest first: which id columns still tell its groups apart. */
export type Hierarchy = readonly (readonly boolean[])[];

/**
 * The levels that HIERARCHICAL_TIME_SERIES_COLS asks for. Its last column is summed over first, then the last two, at
 * the end all of them; id columns that it does not name tell the groups of every level apart.
 * Source: BigQuery ML's documentation, "Hierarchical reconciliation": bottom-up.
 * @param hierarchicalColumns the parent first
 * @throws RangeError if there is none, or one that is no id column or named twice
 */
export function hierarchyOf(idColumns: readonly string[], hierarchicalColumns: readonly string[]): Hierarchy {
  const wrong = hierarchicalColumns.find((column) => !idColumns.includes(column));
  if (wrong !== undefined || new Set(hierarchicalColumns).size !== hierarchicalColumns.length) {
    const there = idColumns.length === 0 ? 'there is none' : `they are ${idColumns.join(', ')}`;
    const named = wrong ?? `${hierarchicalColumns.join(', ')}, where one is named twice`;
    throw new RangeError(
      `HIERARCHICAL_TIME_SERIES_COLS must be some of the columns of TIME_SERIES_ID_COL (${there}), not ${named}`,
    );
  }
  if (hierarchicalColumns.length === 0) throw new RangeError('HIERARCHICAL_TIME_SERIES_COLS names no column');
  return hierarchicalColumns.map((_, level) => {
    const summed = hierarchicalColumns.slice(hierarchicalColumns.length - 1 - level);
    return idColumns.map((column) => !summed.includes(column));
  });
}

/** The groups that a series is summed up in, one a level; null in the columns that are summed over. */
export function groupsOf<Id>(ids: readonly Id[], hierarchy: Hierarchy): readonly (readonly (Id | null)[])[] {
  return hierarchy.map((isKept) => ids.map((id, at) => (isKept[at] ? id : null)));
}
