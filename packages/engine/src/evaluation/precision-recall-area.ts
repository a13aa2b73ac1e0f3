/**
 * Area under the precision-recall curve as average precision: Σ (recall_k − recall_k−1) · precision_k over the
 * distinct scores from the largest down. A random score has the share of labelled rows, a perfect one 1. No labelled
 * row gives NaN. Cost: one sort.
 * Source: Davis & Goadrich (2006), "The Relationship Between Precision-Recall and ROC Curves", ICML, without
 * interpolation, which they show to be too kind.
 * @param labels a value a row, not 0 where it is anomalous
 * @param scores larger is more anomalous; NaN, not judged, ranks below all others
 * @throws RangeError if the lengths differ
 */
export function precisionRecallArea(labels: ArrayLike<number>, scores: Float64Array): number {
  if (labels.length !== scores.length) {
    throw new RangeError(`${labels.length} labels do not go with ${scores.length} scores`);
  }
  const ranked = rankedRows(scores);
  let positives = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] !== 0) positives++;
  if (positives === 0) return Number.NaN;
  let area = 0;
  let hits = 0;
  let hitsBefore = 0;
  for (let rank = 0; rank < ranked.length; rank++) {
    if (labels[ranked[rank]!] !== 0) hits++;
    const isTied =
      rank + 1 < ranked.length && rankOf(scores, ranked[rank]!) === rankOf(scores, ranked[rank + 1]!);
    if (isTied) continue;
    area += ((hits - hitsBefore) / positives) * (hits / (rank + 1));
    hitsBefore = hits;
  }
  return area;
}

/** Rows by falling score, those without one at the end. */
export function rankedRows(scores: Float64Array): Uint32Array {
  const rows = Uint32Array.from(scores, (_, row) => row);
  return rows.sort((a, b) => {
    const one = rankOf(scores, a);
    const other = rankOf(scores, b);
    return one === other ? a - b : other > one ? 1 : -1;
  });
}

/** The score to rank a row by. */
export function rankOf(scores: Float64Array, row: number): number {
  const score = scores[row]!;
  return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
}
