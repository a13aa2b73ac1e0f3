import { useSignal } from '@preact/signals';
import type { EvaluateBody, ModelItem } from '@seismo/server/serve/model-schemas';
import { useEffect } from 'preact/hooks';
import { fetchEvaluation } from '../api/client.js';
import { ago, minuteTime, shortNumber, signedNumber, span } from '../model/format.js';
import { modelState, orderWords, seasonWords } from '../model/model-words.js';
import { areSamplesAnomalous, newsWords } from '../model/step-news.js';
import { entries } from '../state/catalogue.js';
import { now, second } from '../state/clock.js';
import { hrefTo, place } from '../state/location.js';
import { isWithoutModels, models, modelsError, queue } from '../state/models.js';
import { unitOfSeries } from '../state/series-unit.js';
import { newsOfStep } from '../state/step-news.js';
import { StateMark } from './state-mark.js';

/** What the model of this series is, how far it is, and which steps it has learned. */
export function ModelPanel({ series }: { series: string }) {
  second.value;
  if (isWithoutModels.value) return null;
  const model = models.value.get(series);
  const error = modelsError.value;
  return (
    <section class="panel model" aria-labelledby="model-title">
      <header class="section-head">
        <h2 id="model-title">Model</h2>
        {model !== undefined && <ModelStateSign model={model} />}
        <span class="spring" />
        <a href={hrefTo({ models: true, series: null, page: 1, query: '' })}>All models</a>
      </header>
      {error !== null && <p class="note is-error">Not up to date: {error.message}</p>}
      {model === undefined && error === null && <NoModel />}
      {model !== undefined && <Reason model={model} />}
      {model !== undefined && model.trained_at !== null && <Facts model={model} />}
      {model !== undefined && <Steps model={model} />}
    </section>
  );
}

export function ModelStateSign({ model }: { model: ModelItem }) {
  const { words, mark } = modelState(model, now());
  return (
    <span class="tile-state model-state">
      <StateMark state={mark} /> <span>{words}</span>
    </span>
  );
}

function NoModel() {
  if (queue.value === null) return <p class="note">Loading …</p>;
  return <p class="note">No model yet: it is learned minute by minute, once there is enough history.</p>;
}

function Reason({ model }: { model: ModelItem }) {
  const { reason } = modelState(model, now());
  const { next_training, trained_at, state } = model;
  const isFailed = state === 'failed';
  if (reason === null && !isFailed) return null;
  return (
    <p class={`note ${isFailed ? 'is-error' : ''}`}>
      {reason}
      {isFailed && next_training !== null && ` Tried again ${ago(next_training, now())}.`}
      {isFailed && trained_at !== null && ' What it learned before is still used.'}
    </p>
  );
}

function Facts({ model }: { model: ModelItem }) {
  const { utc } = place.value;
  const { trained_at, history_from, history_to, horizon_end, next_training, training_seconds } = model;
  const history =
    history_from === null || history_to === null
      ? '–'
      : `${span(history_to - history_from)} until ${minuteTime(history_to, utc)}`;
  return (
    <dl class="facts">
      <Fact name="trained">
        {trained_at === null ? '–' : ago(trained_at, now())}
        {training_seconds !== null && <span class="quiet"> in {shortNumber(training_seconds)} s</span>}
      </Fact>
      <Fact name="on">{history}</Fact>
      <Fact name="kind">{orderWords(model)}</Fact>
      <Fact name="seasons">{seasonWords(model)}</Fact>
      <Fact name="forecast until">{horizon_end === null ? '–' : minuteTime(horizon_end, utc)}</Fact>
      <Fact name="trained again">{next_training === null ? '–' : dueWords(next_training)}</Fact>
      <Evaluation model={model} />
    </dl>
  );
}

function dueWords(time: number): string {
  return time <= now() ? 'as soon as there is room' : ago(time, now());
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How far it was off since; asked for again with each training. */
function Evaluation({ model }: { model: ModelItem }) {
  const evaluation = useSignal<EvaluateBody | null>(null);
  const { name, trained_at, last_minute } = model;
  useEffect(() => {
    let isCurrent = true;
    fetchEvaluation(name).then(
      (body) => {
        if (isCurrent) evaluation.value = body;
      },
      // The panel says already that it is not up to date.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [name, trained_at, last_minute?.time]);
  const { mean_absolute_error: error = null, symmetric_mean_absolute_percentage_error: share = null } =
    evaluation.value ?? {};
  return (
    <Fact name="off by">
      {error === null ? 'not known yet' : `${shortNumber(error, unitOfSeries(model.series))} on average`}
      {share !== null && <span class="quiet"> ({shortNumber(share * 100)} %)</span>}
    </Fact>
  );
}

/** Once the model knows a step, what comes at the new level is no anomaly any more: told of the one learned lately. */
function Steps({ model }: { model: ModelItem }) {
  const { utc } = place.value;
  const { step_changes, series } = model;
  if (step_changes.length === 0) return null;
  const newest = [...step_changes].sort((a, b) => b.time - a.time);
  const news = newsOfStep.value;
  const item = entries.value.get(series)?.item.value;
  const isNews = (time: number) => news !== null && news.series === series && news.step.time === time;
  return (
    <ul class="steps" aria-label="Steps that the model knows">
      {newest.slice(0, STEPS_SHOWN).map(({ time, size }) => (
        <li key={time} class={isNews(time) ? 'is-quiet' : ''}>
          Knows the step since {minuteTime(time, utc)} ({signedNumber(size, unitOfSeries(series))})
          {news !== null &&
            isNews(time) &&
            `, ${newsWords(news, ago(news.learnedAt, now()), areSamplesAnomalous(item, news, now()))}`}
        </li>
      ))}
      {newest.length > STEPS_SHOWN && <li class="quiet">and {newest.length - STEPS_SHOWN} before</li>}
    </ul>
  );
}
const STEPS_SHOWN = 3;
