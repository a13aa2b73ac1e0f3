import { allFromModelled, type ModelledScale } from './modelled-scale.js';

/**
 * Parts that add up on the scale of a model, in the units of the series, where they add up too: the first is its own
 * value, each further one what it changes of the sum of those before it. What a part is told as depends on that order,
 * since on a logarithm each is a factor. Cost: two passes a part.
 * @param parts equally long
 */
export function stackedParts(
  scale: ModelledScale | undefined,
  parts: readonly Float64Array[],
): readonly Float64Array[] {
  if (scale === undefined) return parts;
  let sum: Float64Array | undefined;
  let before: Float64Array | undefined;
  return parts.map((part) => {
    const [lower, own] = [sum, before];
    sum = lower === undefined ? part : lower.map((value, at) => value + part[at]!);
    const now = allFromModelled(scale, sum);
    before = now;
    return own === undefined ? now : now.map((value, at) => value - own[at]!);
  });
}
