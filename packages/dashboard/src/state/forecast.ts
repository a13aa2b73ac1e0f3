import { computed, signal } from '@preact/signals';
import type { ModelItem } from '@seismo/server/serve/model-schemas';
import { ApiError, fetchForecast } from '../api/client.js';
import { Forecast } from '../model/forecast.js';
import { now } from './clock.js';
import { place } from './location.js';

interface Loaded {
  readonly series: string;
  readonly trainedAt: number;
  readonly forecast: Forecast;
}

const loaded = signal<Loaded | null>(null);
export const forecastError = signal<ApiError | null>(null);
let wanted = '';
const MINUTES_MAX = 10_000;

/** What is expected of the series shown; null where nothing is, or where it is not to be seen. */
export const forecast = computed(() => {
  const { series, forecast: isShown } = place.value;
  const found = loaded.value;
  return isShown && found !== null && found.series === series ? found.forecast : null;
});

/** True while some of it is still to come. */
export function isAhead(): boolean {
  const known = forecast.peek();
  return known !== null && known.aheadOf(now()) < known.points.length;
}

/** Fetches the forecast of a model once for each of its trainings. */
export async function wantForecast({ name, series, trained_at, history_to, horizon_end }: ModelItem) {
  if (trained_at === null || history_to === null || horizon_end === null) return;
  const want = `${trained_at} ${series}`;
  if (want === wanted) return;
  wanted = want;
  try {
    const minutes = Math.max(1, Math.min(MINUTES_MAX, Math.round((horizon_end - history_to) / 60)));
    const body = await fetchForecast(name, minutes);
    if (want !== wanted) return;
    loaded.value = { series, trainedAt: trained_at, forecast: new Forecast(body) };
    forecastError.value = null;
  } catch (error) {
    if (want !== wanted) return;
    wanted = '';
    forecastError.value = error instanceof ApiError ? error : new ApiError(0, String(error));
  }
}
