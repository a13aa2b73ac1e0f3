/** The time of day as the whole program sees it; seeded in tests. */
export interface Clock {
  /** Whole milliseconds since 1970, UTC. */
  nowMs(): number;
}
