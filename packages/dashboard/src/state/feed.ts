import { batch, effect } from '@preact/signals';
import type { AnomalyItem, JudgedSample } from '@seismo/server/serve/schemas';
import { LiveConnection } from '../api/live-connection.js';
import { countAlarms, countMinutes, refreshAlarmCount } from './alarm-count.js';
import { announceAlarms } from './announcer.js';
import { listedItem, minuteAnomalyAt, refreshAnomalies, takeAnomalies, takeMinutes } from './anomalies.js';
import { lookBeyondList } from './beyond-list.js';
import {
  counts,
  entries,
  forgetTiles,
  isListWhole,
  loadTile,
  noteMinutes,
  refreshCatalogue,
  summary,
  takeSamples,
} from './catalogue.js';
import { setServerTime } from './clock.js';
import { detail } from './detail.js';
import { wantForecast } from './forecast.js';
import { place } from './location.js';
import { minuteMarks } from './minute-marks.js';
import { MODELS_LOOK_MS, models, refreshModels, refreshModelsInTime, shownModels } from './models.js';
import { isAdmitted, refreshSession } from './session.js';
import { shownKeys } from './shown.js';
import { wantStepNews } from './step-news.js';
import { refreshTileMinutes, takeTileMinutes } from './tile-minutes.js';

/** Up to so many series the stream carries all of them; with more, only those on screen. */
const STREAM_ALL_MAX = 60;
const ANOMALIES_EVERY_MS = 10_000;
const ALARMS_EVERY_MS = 30_000;
/** Findings are stored a moment after their samples. */
const FINDINGS_STORED_MS = 1500;
const SKIPPED_MS = 1500;

export const connection = new LiveConnection({
  samples(samples, skipped) {
    batch(() => take(samples));
    if (skipped > 0) fetchSkipped();
  },
  found(minutes, skipped) {
    batch(() => takeFound(minutes));
    if (skipped > 0) refetchFound();
  },
  reset() {
    forgetTiles();
    detail.refetch();
    void refreshCatalogue();
    refetchFound();
    void refreshModels();
  },
  broken() {
    void refreshSession();
  },
  heartbeat: setServerTime,
});

let skippedTimer: ReturnType<typeof setTimeout> | undefined;

/** More came than the stream carries: fetches what is on screen once all of it is stored and judged. */
function fetchSkipped(): void {
  clearTimeout(skippedTimer);
  skippedTimer = setTimeout(() => {
    const shown = shownKeys.peek();
    forgetTiles(shown);
    for (const key of shown) {
      const entry = entries.peek().get(key);
      if (entry !== undefined && entry.window.peek() !== null) void loadTile(entry);
    }
    detail.refetch();
    void refreshCatalogue();
  }, SKIPPED_MS);
}

let isUnknownAsked = false;

function take(samples: JudgedSample[]): void {
  const { hasUnknown } = takeSamples(samples);
  detail.take(samples);
  takeAnomalies(samples, listQuery());
  announceAlarms(samples);
  countAlarms(samples);
  if (!hasUnknown || isUnknownAsked) return;
  isUnknownAsked = true;
  void refreshCatalogue().finally(() => {
    setTimeout(() => {
      isUnknownAsked = false;
    }, 1000);
  });
}

/** Whole minutes as they are found, in the list, in the chart, and in what is counted and said. */
function takeFound(minutes: readonly AnomalyItem[]): void {
  const found = minutes.map(listedItem);
  // What is told twice is said once.
  const fresh = found.filter((one) => minuteAnomalyAt(one.series, one.time) === undefined);
  takeMinutes(minutes, listQuery());
  minuteMarks.take(minutes);
  takeTileMinutes(minutes);
  countMinutes(minutes);
  noteMinutes(found);
  announceAlarms(fresh);
}

function refetchFound(): void {
  minuteMarks.refetch();
  void refreshAnomalies(listQuery());
  void refreshAlarmCount();
  void refreshTileMinutes();
}

function listQuery(): { all: boolean; series: string | null } {
  const { allAnomalies, series } = place.peek();
  return { all: allAnomalies, series };
}

/** Starts whatever keeps the page up to date; stops it when the session ends. */
export function keepUpToDate(): void {
  effect(() => {
    if (!isAdmitted.value) return undefined;
    void refreshCatalogue();
    void refreshAlarmCount();
    void refreshTileMinutes();
    const timers = [
      every(catalogueEveryMs, refreshCatalogue),
      every(
        () => ANOMALIES_EVERY_MS,
        () => refreshAnomalies(listQuery()),
      ),
      every(() => ALARMS_EVERY_MS, refreshAlarmCount),
      every(() => MODELS_LOOK_MS, refreshModelsInTime),
    ];
    return () => {
      for (const stop of timers) stop();
      connection.close();
    };
  });
  effect(() => {
    const { allAnomalies, series } = place.value;
    if (!isAdmitted.value) return undefined;
    void refreshAnomalies({ all: allAnomalies, series });
    // What was judged just before one came is neither in this answer nor in the stream.
    const again = setTimeout(() => void refreshAnomalies(listQuery()), FINDINGS_STORED_MS);
    return () => clearTimeout(again);
  });
  effect(() => {
    const { query, series } = place.value;
    summary.value;
    if (isAdmitted.value && !isListWhole.value) lookBeyondList({ query, series });
  });
  effect(() => {
    shownModels.value;
    if (isAdmitted.value) void refreshModels();
  });
  effect(() => {
    const model = models.value.get(place.value.series ?? '');
    if (model === undefined) return;
    void wantForecast(model);
    void wantStepNews(model);
  });
  effect(() => {
    if (!isAdmitted.value) return;
    if (entries.value.size <= STREAM_ALL_MAX) connection.subscribe(null);
    else {
      connection.subscribe(shownKeys.value);
      forgetTiles(shownKeys.value);
    }
  });
  effect(() => {
    const { series, models: isModels } = place.value;
    const what = series ?? (isModels ? 'Models' : null);
    const name = what === null ? 'Seismo' : `${what} · Seismo`;
    const { anomalous } = counts.value;
    document.title = anomalous > 0 ? `(${anomalous}) ${name}` : name;
  });
}

/** Calls `work` again and again while the page is visible, the next time counted from its end. */
function every(ms: () => number, work: () => Promise<void>): () => void {
  let timer = setTimeout(turn, ms());
  async function turn(): Promise<void> {
    if (!document.hidden) await work();
    timer = setTimeout(turn, ms());
  }
  return () => clearTimeout(timer);
}

/** Long lists are costly to send: they are asked for less often. The stream brings the news anyway. */
function catalogueEveryMs(): number {
  return Math.min(60_000, 5_000 + entries.peek().size * 10);
}
