import { signal } from '@preact/signals';
import type { ModelItem } from '@seismo/server/serve/model-schemas';
import { fetchAnomalies } from '../api/client.js';
import { lateStep, STEP_PLACE_SECONDS, type StepNews, stepNews } from '../model/step-news.js';
import { MINUTE_DETECTOR } from './anomalies.js';
import { entries } from './catalogue.js';
import { now } from './clock.js';

/** Of the series shown; null where there is none. */
export const newsOfStep = signal<StepNews | null>(null);

const MINUTES_MAX = 10_000;
let asked = '';

/** Asks which minutes were anomalous since the step that the model has learned lately, anew with each minute judged. */
export async function wantStepNews(model: ModelItem): Promise<void> {
  const { series, last_minute } = model;
  const step = lateStep(model, now());
  const want = step === null ? series : JSON.stringify([series, step, last_minute]);
  if (want === asked) return;
  asked = want;
  if (step === null) {
    newsOfStep.value = null;
    return;
  }
  try {
    const { anomalies } = await fetchAnomalies({
      ...{ limit: MINUTES_MAX, alarmsOnly: false, detector: MINUTE_DETECTOR },
      ...{ series, from: step.time - STEP_PLACE_SECONDS },
    });
    if (want !== asked) return;
    const own = anomalies.filter((one) => one.series === series && one.is_anomaly);
    newsOfStep.value = stepNews(
      model,
      step,
      own.map((one) => one.timestamp),
      entries.peek().get(series)?.item.peek().last?.time ?? null,
    );
  } catch {
    // Nothing is told of it; the next look at the model asks again.
    if (want === asked) asked = '';
  }
}
