/** How fast each part follows the one-step errors. */
export interface SmoothingWeights {
  /** α: of the level. */
  readonly level: number;
  /** β: of the slope. */
  readonly slope: number;
  /** φ: what is left of the slope after a step. */
  readonly damping: number;
  /** γ: of each season, in the order of the periods. */
  readonly seasonal: Float64Array;
  /** κ: of the passing deviation. */
  readonly deviation: number;
  /** ρ: what is left of the deviation after a step. */
  readonly persistence: number;
}

/** Where the parts stand. */
export interface SmoothingState {
  level: number;
  slope: number;
  deviation: number;
  /** The shortest first; each from the place of the next value on, as long as its period. */
  readonly seasons: readonly Float64Array[];
}
