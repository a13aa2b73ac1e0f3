import type { ModelItem } from '@seismo/server/serve/model-schemas';
import { ago, fullTime, minuteTime, shortNumber, span } from '../model/format.js';
import { modelState, neediestFirst, orderWords, seasonWords } from '../model/model-words.js';
import { entries } from '../state/catalogue.js';
import { now, second } from '../state/clock.js';
import { go, hrefTo, place } from '../state/location.js';
import { isWithoutModels, modelCount, models, modelsError, queue, refreshModels } from '../state/models.js';
import { Arrow } from './arrow.js';
import { Heads } from './heads.js';
import { ModelStateSign } from './model-panel.js';
import { ErrorState } from './notices.js';
import { SeriesName } from './series-name.js';

const PAGE_SIZE = 100;

/** All models: what each is, how old, what failed, and what waits to be trained. */
export function ModelsView() {
  second.value;
  if (isWithoutModels.value) return <NoModelsHere />;
  const error = modelsError.value;
  if (queue.value === null) {
    if (error !== null) return <ErrorState error={error} retry={() => void refreshModels()} />;
    return <p class="big-note quiet">Loading …</p>;
  }
  const words = place.value.query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = neediestFirst([...models.value.values()]).filter(({ series }) =>
    words.every((word) => series.toLowerCase().includes(word)),
  );
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const page = Math.min(place.value.page, pages);
  return (
    <main class="wide" aria-labelledby="series-title">
      <header class="section-head">
        <h1 id="series-title">Models</h1>
        <Queue />
        <span class="spring" />
        <input
          class="search"
          type="search"
          placeholder="Search name or label"
          aria-label="Search models by series"
          value={place.value.query}
          onInput={(event) => go({ query: event.currentTarget.value, page: 1 }, { replace: true })}
        />
      </header>
      {error !== null && <p class="note is-error">Not up to date: {error.message}</p>}
      {models.value.size === 0 ? (
        <p class="note">
          No models yet. A series gets one, minute by minute, once there is enough history of it.
        </p>
      ) : (
        <ModelsTable shown={found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)} />
      )}
      {pages > 1 && <Pages page={page} pages={pages} count={found.length} />}
    </main>
  );
}

function Queue() {
  const { waiting, running, workers, seconds_to_train_all: seconds, without_room } = queue.value!;
  return (
    <span class="quiet queue">
      {modelCount.value} in all; {running} training
      {workers > 0 && ` on at most ${workers} ${workers === 1 ? 'thread' : 'threads'}`}, {waiting} waiting
      {seconds !== null && `; all take ${seconds < 1 ? 'under a second' : span(seconds)}`}
      {without_room > 0 && `; no room for ${without_room} more`}
    </span>
  );
}

function ModelsTable({ shown }: { shown: readonly ModelItem[] }) {
  return (
    <div class="table-scroll">
      <table class="data models">
        <caption class="hidden">Models, those that need something first</caption>
        <Heads
          names={[
            'Series',
            'State',
            'Age',
            'Kind',
            'Seasons',
            'Steps',
            'History',
            'Forecast until',
            'Due again',
          ]}
        />
        <tbody>
          {shown.map((model) => (
            <ModelRow key={model.name} model={model} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ModelRow({ model }: { model: ModelItem }) {
  const { utc } = place.value;
  const { series, trained_at, history_from, history_to, horizon_end, next_training, step_changes } = model;
  const item = entries.value.get(series)?.item.peek();
  const { reason } = modelState(model, now());
  return (
    <tr class={model.state === 'failed' ? 'is-anomalous' : ''}>
      <th scope="row">
        <a href={hrefTo({ models: false, series, page: 1, query: '' })}>
          <SeriesName name={item?.name ?? series} labels={item?.labels ?? {}} />
        </a>
      </th>
      <td>
        <ModelStateSign model={model} />
        {reason !== null && <div class="quiet reason">{reason}</div>}
      </td>
      <Cell
        name="Age"
        text={trained_at === null ? '–' : span(Math.max(0, now() - trained_at))}
        title={trained_at === null ? '' : fullTime(trained_at, utc)}
      />
      <Cell name="Kind" text={orderWords(model)} />
      <Cell name="Seasons" text={seasonWords(model)} />
      <Cell name="Steps" text={trained_at === null ? '–' : shortNumber(step_changes.length)} isNumber />
      <Cell
        name="History"
        text={history_from === null || history_to === null ? '–' : span(history_to - history_from)}
      />
      <Cell name="Forecast until" text={horizon_end === null ? '–' : minuteTime(horizon_end, utc)} />
      <Cell
        name="Due again"
        text={next_training === null ? '–' : next_training <= now() ? 'now' : ago(next_training, now())}
      />
    </tr>
  );
}

interface CellOf {
  readonly name: string;
  readonly text: string;
  readonly title?: string;
  readonly isNumber?: boolean;
}

/** Where a screen is too narrow for columns, each cell says its own name, and what is not known is left out. */
function Cell({ name, text, title = '', isNumber = false }: CellOf) {
  const kind = `${isNumber ? 'number' : ''} ${text === '–' ? 'is-none' : ''}`;
  return (
    <td class={kind} title={title} data-name={name}>
      {text}
    </td>
  );
}

function Pages({ page, pages, count }: { page: number; pages: number; count: number }) {
  const first = (page - 1) * PAGE_SIZE + 1;
  return (
    <nav class="pages" aria-label="Pages of models">
      {page > 1 && (
        <a href={hrefTo({ page: page - 1 })}>
          <Arrow to="left" /> Back
        </a>
      )}
      <span>
        {first} to {Math.min(count, page * PAGE_SIZE)} of {count}
      </span>
      {page < pages && (
        <a href={hrefTo({ page: page + 1 })}>
          On <Arrow to="right" />
        </a>
      )}
    </nav>
  );
}

function NoModelsHere() {
  return (
    <section class="big-note">
      <h1>No models here</h1>
      <p>
        This server keeps no models: nothing is forecast. Every sample is judged as it comes all the same.
      </p>
      <p>
        <a href={hrefTo({ models: false })}>Show all series</a>
      </p>
    </section>
  );
}
