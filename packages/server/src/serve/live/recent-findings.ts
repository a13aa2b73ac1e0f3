import type { Anomaly } from '../../model/verdict.js';

/** Anomalies kept for readers that come back. */
const KEPT_MAX = 10_000;

interface Findings {
  readonly number: number;
  /** The newest commit when they were found: who has seen an older one only has not been told. */
  readonly seq: number;
  readonly anomalies: readonly Anomaly[];
}

/** What was found lately in whole minutes, round by round, bounded. */
export class RecentFindings {
  #rounds: Findings[] = [];
  #kept = 0;
  #newest = 0;

  /** Number of the newest round; 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  push(anomalies: readonly Anomaly[], seq: number): void {
    this.#rounds.push({ number: ++this.#newest, seq, anomalies });
    this.#kept += anomalies.length;
    while (this.#kept > KEPT_MAX && this.#rounds.length > 1)
      this.#kept -= this.#rounds.shift()!.anomalies.length;
  }

  /** Those of the rounds after this one, oldest first. */
  after(number: number): Anomaly[] {
    return this.#rounds.filter((one) => one.number > number).flatMap(({ anomalies }) => anomalies);
  }

  /**
   * The last round of which a reader knows that has seen the commits up to this one. A round that came after just that
   * commit may be told twice, none is left out.
   */
  toldBy(seq: number): number {
    const untold = this.#rounds.find((one) => one.seq >= seq);
    return untold === undefined ? this.#newest : untold.number - 1;
  }
}
