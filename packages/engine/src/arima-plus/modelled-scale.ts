import { normalPoint } from './normal-distribution.js';
import { quantile } from './robust-scale.js';

/** FORECAST_LIMIT_LOWER_BOUND and FORECAST_LIMIT_UPPER_BOUND; infinite where there is none. */
export interface Limits {
  readonly lowerLimit: number;
  readonly upperLimit: number;
}

/**
 * The scale that a series with FORECAST_LIMIT bounds is modelled on, where no value is beyond reach: log(y − a) above a
 * lower limit a, −log(b − y) below an upper limit b, log((y − a)/(b − y)) between both; shifted and stretched so that
 * the centre c becomes 0 and has a slope of 1. So there it has the units of the series, and limits that are far away
 * change nothing. Without limits a series is modelled as it is, and the scale is undefined. Plain data.
 * Source: Hyndman & Athanasopoulos (2018), Forecasting: principles and practice, section 13.3, to which BigQuery's
 * documentation refers.
 */
export interface ModelledScale extends Limits {
  /** Strictly between the limits. */
  readonly centre: number;
}

/** Forecasts end here; limits as far away are none. Beyond, squares could overflow. */
const MAGNITUDE_MAX = 1e145;
/** Standard errors are told by the 95% interval. */
const POINT = normalPoint(0.95);
/** Where differences from the centre keep more digits than distances to a limit. */
const NEAR = Math.LN2;

/** By the median of the values, which lie within the limits; undefined without limits. */
export function modelledScaleOf(limits: Limits, values: Float64Array): ModelledScale | undefined {
  return scaleAround(limits, quantile(values, 0.5));
}

/** Undefined without limits, or where they are too far away to matter. */
export function scaleAround({ lowerLimit, upperLimit }: Limits, centre: number): ModelledScale | undefined {
  const lower = centre - lowerLimit < MAGNITUDE_MAX ? lowerLimit : Number.NEGATIVE_INFINITY;
  const upper = upperLimit - centre < MAGNITUDE_MAX ? upperLimit : Number.POSITIVE_INFINITY;
  if (lower === Number.NEGATIVE_INFINITY && upper === Number.POSITIVE_INFINITY) return undefined;
  const bare = { lowerLimit: lower, upperLimit: upper };
  return { ...bare, centre: strictlyWithin(bare, centre) };
}

/** The value, or what a mean that was rounded onto a limit stands for: the next double inside. */
export function strictlyWithin({ lowerLimit, upperLimit }: Limits, value: number): number {
  const least = Number.isFinite(lowerLimit) ? lowerLimit + spacing(lowerLimit) : -MAGNITUDE_MAX;
  const most = Number.isFinite(upperLimit) ? upperLimit - spacing(upperLimit) : MAGNITUDE_MAX;
  return Math.min(Math.max(value, least), most);
}

/** No less than from a double to the next one. */
function spacing(value: number): number {
  return Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
}

/** A value on the scale; infinite at a limit and beyond. */
export function toModelled(scale: ModelledScale | undefined, value: number): number {
  if (scale === undefined) return value;
  const { lowerLimit, upperLimit } = scale;
  if (value <= lowerLimit) return Number.NEGATIVE_INFINITY;
  if (value >= upperLimit) return Number.POSITIVE_INFINITY;
  return slope(scale) * (aboveLower(scale, value) - belowUpper(scale, value));
}

/** As many values; the same array without a scale. */
export function allModelled(scale: ModelledScale | undefined, values: Float64Array): Float64Array {
  return scale === undefined ? values : values.map((value) => toModelled(scale, value));
}

/** Back from the scale, strictly within the limits: the median of what is spread evenly around it there. */
export function fromModelled(scale: ModelledScale | undefined, modelled: number): number {
  if (scale === undefined) return modelled;
  return strictlyWithin(scale, unbounded(scale, modelled / slope(scale)));
}

/** As many values; the same array without a scale. */
export function allFromModelled(scale: ModelledScale | undefined, modelled: Float64Array): Float64Array {
  return scale === undefined ? modelled : modelled.map((value) => fromModelled(scale, value));
}

/**
 * A standard error in the units of the series: that of a normal distribution whose 95% interval is as wide as the one
 * of the scale.
 */
export function errorFromModelled(scale: ModelledScale | undefined, mean: number, error: number): number {
  if (scale === undefined) return error;
  const half = POINT * error;
  return (fromModelled(scale, mean + half) - fromModelled(scale, mean - half)) / (2 * POINT);
}

/** The inverse of {@link errorFromModelled} for a mean that is the scale's centre; infinite where no error is as large. */
export function errorAtCentre(scale: ModelledScale, error: number): number {
  const { lowerLimit, upperLimit, centre } = scale;
  const half = POINT * error;
  let width: number;
  if (upperLimit === Number.POSITIVE_INFINITY) width = Math.asinh(half / (centre - lowerLimit));
  else if (lowerLimit === Number.NEGATIVE_INFINITY) width = Math.asinh(half / (upperLimit - centre));
  else {
    const [below, above] = [centre - lowerLimit, upperLimit - centre];
    const part = Math.atanh(Math.min(1, (2 * half) / (upperLimit - lowerLimit)));
    width = part + Math.asinh((Math.sinh(part) * (below / above + above / below)) / 2);
  }
  return (slope(scale) * width) / POINT;
}

/** What figures of the scale are to be multiplied by, or added to, to be those of the plain logarithm or logit. */
export function plainUnits(scale: ModelledScale): { readonly factor: number; readonly shift: number } {
  const { lowerLimit, upperLimit, centre } = scale;
  const lower = lowerLimit === Number.NEGATIVE_INFINITY ? 0 : Math.log(centre - lowerLimit);
  const upper = upperLimit === Number.POSITIVE_INFINITY ? 0 : Math.log(upperLimit - centre);
  return { factor: 1 / slope(scale), shift: lower - upper };
}

/** One over the slope that the logarithm has at the centre. */
function slope({ lowerLimit, upperLimit, centre }: ModelledScale): number {
  const steepness = 1 / (centre - lowerLimit) + 1 / (upperLimit - centre);
  return Math.max(1 / steepness, Number.MIN_VALUE / Number.EPSILON);
}

/** log((y − a)/(c − a)). */
function aboveLower({ lowerLimit, centre }: ModelledScale, value: number): number {
  if (lowerLimit === Number.NEGATIVE_INFINITY) return 0;
  return logRatio(value - centre, value - lowerLimit, centre - lowerLimit);
}

/** log((b − y)/(b − c)). */
function belowUpper({ upperLimit, centre }: ModelledScale, value: number): number {
  if (upperLimit === Number.POSITIVE_INFINITY) return 0;
  return logRatio(centre - value, upperLimit - value, upperLimit - centre);
}

function logRatio(difference: number, distance: number, centreDistance: number): number {
  return Math.abs(difference) < centreDistance / 2
    ? Math.log1p(difference / centreDistance)
    : Math.log(distance / centreDistance);
}

/** From logarithms around that of the centre, but for rounding within the limits. */
function unbounded({ lowerLimit, upperLimit, centre }: ModelledScale, logarithm: number): number {
  const [below, above] = [centre - lowerLimit, upperLimit - centre];
  const isNear = Math.abs(logarithm) <= NEAR;
  if (above === Number.POSITIVE_INFINITY) {
    return isNear ? centre + below * Math.expm1(logarithm) : lowerLimit + below * Math.exp(logarithm);
  }
  if (below === Number.POSITIVE_INFINITY) {
    return isNear ? centre - above * Math.expm1(-logarithm) : upperLimit - above * Math.exp(-logarithm);
  }
  // Shares of the span: neither can overflow.
  const share = below / (below + above);
  if (isNear) {
    return centre + (below * (1 - share) * Math.expm1(logarithm)) / (1 - share + share * Math.exp(logarithm));
  }
  // From the limit that is nearer, so that the distance to it keeps its digits.
  return share * Math.exp(logarithm) < 1 - share
    ? lowerLimit + (below * Math.exp(logarithm)) / (1 - share + share * Math.exp(logarithm))
    : upperLimit - (above * Math.exp(-logarithm)) / (share + (1 - share) * Math.exp(-logarithm));
}
