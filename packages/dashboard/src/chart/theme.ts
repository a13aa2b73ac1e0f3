import { signal } from '@preact/signals';

/** Colours that canvases paint with; the style sheet's custom properties are where they are set. */
export interface Theme {
  line: string;
  learning: string;
  band: string;
  expected: string;
  anomaly: string;
  alarm: string;
  unknown: string;
  grid: string;
  ink: string;
  gap: string;
  forecast: string;
  forecastBand: string;
  page: string;
}

const NAMES: Record<keyof Theme, string> = {
  line: '--chart-line',
  learning: '--chart-learning',
  band: '--chart-band',
  expected: '--chart-expected',
  anomaly: '--chart-anomaly',
  alarm: '--chart-alarm',
  unknown: '--chart-unknown',
  grid: '--chart-grid',
  ink: '--chart-ink',
  gap: '--chart-gap',
  forecast: '--chart-forecast',
  forecastBand: '--chart-forecast-band',
  page: '--chart-page',
};

export const theme = signal<Theme>(readTheme());
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  theme.value = readTheme();
});
window.addEventListener('load', () => {
  theme.value = readTheme();
});

function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const entries = Object.entries(NAMES).map(([key, name]) => [key, style.getPropertyValue(name).trim()]);
  return Object.fromEntries(entries) as Theme;
}

const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
export function prefersCalm(): boolean {
  return calm.matches;
}
