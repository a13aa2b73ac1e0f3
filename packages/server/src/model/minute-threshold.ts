const MINUTES_A_WEEK = 10_080;

/** The anomaly probability that a minute must exceed, by the false alarms that one series may raise in a week. */
export function minuteThreshold(falseAlarmsPerWeek: number): number {
  return Math.max(0, 1 - falseAlarmsPerWeek / MINUTES_A_WEEK);
}
