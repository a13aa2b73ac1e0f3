/** How far from an annotated change a found one may lie. */
const MARGIN = 5;

/**
 * F1 of change points against several annotators: precision against the changes of any of them, recall the mean over
 * them; the start counts as a change that everyone finds. Source: van den Burg & Williams (2020), "An evaluation of
 * change point detection algorithms", section 4.2, equations 2 to 4.
 * @param {readonly number[]} found indices of first values after a change
 * @param {readonly (readonly number[])[]} annotations one list for each annotator
 */
export function changePointF1(found, annotations) {
  const own = new Set([0, ...found]);
  const each = annotations.map((changes) => new Set([0, ...changes]));
  const any = new Set(each.flatMap((changes) => [...changes]));
  const precision = hits(any, own) / own.size;
  const recall = each.reduce((sum, changes) => sum + hits(changes, own) / changes.size, 0) / each.length;
  return (2 * precision * recall) / (precision + recall);
}

/** Annotated changes with a found one near; each found one counts once, for the first that it is nearest to. */
function hits(annotated, found) {
  const left = new Set(found);
  let count = 0;
  for (const change of [...annotated].sort((a, b) => a - b)) {
    const near = [...left].filter((one) => Math.abs(one - change) <= MARGIN);
    if (near.length === 0) continue;
    near.sort((a, b) => Math.abs(a - change) - Math.abs(b - change) || a - b);
    left.delete(near[0]);
    count++;
  }
  return count;
}
