export interface PlannedPiece {
  readonly firstId: number;
  readonly lastId: number;
  /** One series with more rows than fit: it is read page by page. */
  readonly paged: boolean;
}

/** Cuts all series, by ascending id, into stretches of at most `rowsMax` rows, and large ones by themselves. */
export function* planPieces(
  ids: Uint32Array,
  counts: Float64Array,
  rowsMax: number,
): Generator<PlannedPiece> {
  let start = 0;
  let rows = 0;
  for (let i = 0; i < ids.length; i++) {
    if (rows > 0 && rows + counts[i]! > rowsMax) {
      yield { firstId: ids[start]!, lastId: ids[i - 1]!, paged: rows > rowsMax };
      start = i;
      rows = 0;
    }
    rows += counts[i]!;
  }
  if (ids.length > 0) yield { firstId: ids[start]!, lastId: ids.at(-1)!, paged: rows > rowsMax };
}
