import { createHash } from 'node:crypto';
import * as engine from '@seismo/engine';
import {
  COMPONENTS,
  createVerdict,
  DETECTORS,
  type StreamingDetector,
  VERDICT_STATES,
  type Verdict,
} from '@seismo/engine';
import { describe } from 'vitest';
import type { Sample } from './streams.js';

export type CreateDetector = (typeof DETECTORS)[number];

/** Functions that the engine exports to make detectors; each must be in DETECTORS. */
export const EXPORTED_CREATORS = Object.entries(engine).filter(([name]) => /^create\w*Detector$/.test(name));

/** The same checks for every detector there is. */
export function describeEachDetector(what: string, checks: (create: CreateDetector) => void): void {
  if (DETECTORS.length === 0) throw new Error('no detector was found');
  for (const create of DETECTORS) describe(`${create().name}: ${what}`, () => checks(create));
}

/** Scores, then learns each sample, as the detect stage does. Verdicts are copies. */
export function judge(detector: StreamingDetector, slot: number, samples: readonly Sample[]): Verdict[] {
  const out = createVerdict();
  return samples.map(({ timeMs, value }) => {
    const verdict = { ...detector.score(slot, timeMs, value, out) };
    detector.learn(slot, timeMs, value);
    return verdict;
  });
}

/** Verdicts of a fresh detector that sees this one series. */
export function judgeAlone(create: () => StreamingDetector, samples: readonly Sample[]): Verdict[] {
  const detector = create();
  return judge(detector, detector.open(), samples);
}

/** Digest of pieces of bytes: comparing megabytes byte by byte takes the test runner minutes. */
export function digestOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(`${piece.byteLength} `).update(piece);
  return hash.digest('hex');
}

/** Digest of every bit of the verdicts: two NaN are the same, 0 and -0 are not. */
export function bitsOf(verdicts: readonly Verdict[]): string {
  const rows = verdicts.flatMap((one) => [
    VERDICT_STATES.indexOf(one.state),
    one.expected,
    one.lower,
    one.upper,
    one.probability,
    one.score,
    Number(one.alarm),
    one.component === null ? 0 : COMPONENTS.indexOf(one.component) + 1,
    one.have,
    one.need,
  ]);
  return digestOf([new Uint8Array(new Float64Array(rows).buffer)]);
}

/** What a verdict must be whatever the sample; says what is wrong, or nothing. */
export function faultOf(verdict: Verdict, sample: Sample): string | undefined {
  const { state, expected, lower, upper, probability, score, alarm, component, have, need } = verdict;
  const numbers = [expected, lower, upper, probability, score];
  if (!VERDICT_STATES.includes(state)) return `state ${state}`;
  if (!(have >= 0 && have <= need)) return `have ${have} of ${need}`;
  if ((component !== null) !== (state === 'anomalous')) return `${component} says so of ${state}`;
  if (alarm && state !== 'anomalous') return `alarm while ${state}`;
  if (!Number.isFinite(sample.value) && state !== 'unknown') return `${sample.value} is ${state}`;
  if (state !== 'ok' && state !== 'anomalous') {
    return numbers.every(Number.isNaN) ? undefined : `made-up numbers while ${state}: ${numbers}`;
  }
  if (have < need) return `${state} in warm-up`;
  if (!numbers.every(Number.isFinite)) return `not finite: ${numbers}`;
  if (!(lower <= expected && expected <= upper)) return `band ${lower} ${expected} ${upper}`;
  if (!(probability >= 0 && probability <= 1)) return `probability ${probability}`;
  return sideFault(verdict, Math.min(LARGEST, Math.max(-LARGEST, sample.value)));
}

/** Beyond, detectors take a value for this one. */
const LARGEST = 1e305;
/** Value and bounds are sums of the same numbers, rounded in another order. */
const ROUNDING = 1e-10;

/** Anomalous means outside the band, and only that. */
function sideFault({ state, lower, upper, expected }: Verdict, value: number): string | undefined {
  const slack = ROUNDING * Math.max(Math.abs(lower), Math.abs(upper), Math.abs(value));
  const outside = Math.max(lower - value, value - upper);
  if (state === 'ok' && outside > slack) return `ok outside ${lower} to ${upper}`;
  const isInside = outside < -slack && Math.abs(value - expected) > slack;
  return state === 'anomalous' && isInside ? `anomalous within ${lower} to ${upper}` : undefined;
}

/** First sample of a list that breaks the rules above. */
export function firstFault(verdicts: readonly Verdict[], samples: readonly Sample[]): string | undefined {
  for (const [index, verdict] of verdicts.entries()) {
    const fault = faultOf(verdict, samples[index]!);
    if (fault !== undefined) return `sample ${index} (${samples[index]!.value}): ${fault}`;
  }
  return undefined;
}

export function alarmsIn(verdicts: readonly Verdict[]): number {
  return verdicts.filter((verdict) => verdict.alarm).length;
}
