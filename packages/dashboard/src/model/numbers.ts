import { numberText } from './format.js';
import { withUnit } from './units.js';

/**
 * What is known of one sample, minute, or expectation; null, undefined or NaN where it is not. One bound that is not, or
 * is infinite, is a band without an end there.
 */
interface Known {
  readonly value?: number | null | undefined;
  readonly expected?: number | null | undefined;
  readonly lower?: number | null | undefined;
  readonly upper?: number | null | undefined;
}

interface NumbersOptions {
  /** Of the series, as `ms`; empty where nobody knows, or where it stands in the head of a table. */
  readonly unit?: string;
  /** Of the value. Default 4, as the others have. */
  readonly digitsLeast?: number;
}

export interface NumberTexts {
  readonly value: string;
  readonly expected: string;
  readonly band: string;
}

/** Below this share of the largest number beside it, a number is nothing. */
const NOTHING = 1e-12;
/** Below this share of the band's width what was expected is 0: a trace of what was long before. */
const TRACE = 1e-4;
/** A band that is narrower than this share of the value within it allows for rounding only: its ends are one number. */
const STILL = 1e-8;
/** The same around a zero, beside which there is nothing. */
const STILL_AT_ZERO = 1e-6;
/** Numbers are in the unit of the largest, down to this share of it. */
const SAME_UNIT = 1e-3;

/**
 * Value, expectation and band as they stand beside each other: in one unit, and with as many digits as tell the ends of
 * the band apart, and a value outside from the band and from what was expected. With the unit of the series behind
 * each, and behind the band as a whole.
 */
export function numbersOf(known: Known, { unit = '', digitsLeast = 4 }: NumbersOptions = {}): NumberTexts {
  const [value, expected] = [known.value, known.expected].map(numberOr);
  const { lower, upper } = boundsOf(known);
  const isInside = value! >= lower && value! <= upper;
  const width = isInside ? Math.max(upper - lower, Math.abs(value!) * STILL) : upper - lower;
  if (isInside && value === 0 && width < STILL_AT_ZERO) return allZero(unit);
  const beyond = isInside ? [] : [value! - expected!, value! - lower, value! - upper];
  const apart = smallest([width, ...beyond]);
  const sizes = [value!, expected!, lower, upper].map((one) => (Number.isFinite(one) ? Math.abs(one) : 0));
  const largest = Math.max(...sizes);
  const text = (one: number, gap: number, least: number) => {
    const size = Math.abs(one);
    if (size === Number.POSITIVE_INFINITY) return '';
    if (size < largest * NOTHING) return numberText(0, least);
    return numberText(one, digitsFor(size, gap, least), size < largest * SAME_UNIT ? size : largest);
  };
  const isTrace = Math.abs(expected!) < TRACE * (upper - lower) && upper - lower < Number.POSITIVE_INFINITY;
  const low = text(lower, apart, 4);
  const high = text(upper, apart, 4);
  return {
    value: withUnit(text(value!, smallest(isInside ? [width] : beyond), digitsLeast), unit),
    expected: withUnit(text(isTrace ? 0 : expected!, apart, 4), unit),
    band: withUnit(bandText(lower, upper, ...sameScale(low, high, unit)), unit),
  };
}

function allZero(unit: string): NumberTexts {
  const zero = withUnit('0', unit);
  return { value: zero, expected: zero, band: zero };
}

/** `12.3 to 14.1 GB`: with a unit its thousands are said once, where both ends have the same. */
function sameScale(low: string, high: string, unit: string): [low: string, high: string] {
  const scale = / [TGM]$/.exec(high)?.[0];
  if (unit === '' || scale === undefined || !low.endsWith(scale) || low === high) return [low, high];
  return [low.slice(0, -scale.length), high];
}

function boundsOf(known: Known): { lower: number; upper: number } {
  const [lower, upper] = [known.lower, known.upper].map(numberOr);
  return {
    lower: Number.isNaN(lower) && !Number.isNaN(upper) ? Number.NEGATIVE_INFINITY : lower!,
    upper: Number.isNaN(upper) && !Number.isNaN(lower) ? Number.POSITIVE_INFINITY : upper!,
  };
}

function bandText(lower: number, upper: number, low: string, high: string): string {
  if (lower === Number.NEGATIVE_INFINITY) return `at most ${high}`;
  if (upper === Number.POSITIVE_INFINITY) return `at least ${low}`;
  return low === high ? low : `${low} to ${high}`;
}

function numberOr(one: number | null | undefined): number {
  return one ?? Number.NaN;
}

/** The smallest distance there is; NaN where there is none. */
function smallest(distances: readonly number[]): number {
  const real = distances.map(Math.abs).filter((one) => one > 0 && one < Number.POSITIVE_INFINITY);
  return real.length === 0 ? Number.NaN : Math.min(...real);
}

/** Digits of a number of that size whose last one is no larger than the distance. */
function digitsFor(size: number, distance: number, least: number): number {
  const digits = Math.floor(Math.log10(size)) - Math.floor(Math.log10(distance)) + 1;
  return digits > least ? digits : least;
}
