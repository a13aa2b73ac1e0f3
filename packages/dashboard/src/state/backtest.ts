import { signal } from '@preact/signals';
import { ApiError, fetchSamples } from '../api/client.js';
import type {
  AlarmRow,
  BacktestAnswer,
  BacktestRequest,
  DeviationLimits,
  LabelWindow,
  SensitivityPoint,
} from '../model/backtest-messages.js';
import { Track } from '../model/track.js';

/** Settings that are compared, false alarms per week: a hundredth of the default to a hundred times it. */
export const SENSITIVITIES = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** In one answer of the server; a longer stretch is asked for in parts. */
const POINTS_MOST = 150_000;
/** What a page may take into its memory. */
const SAMPLES_MOST = 1_000_000;

/** What is to be tested. Times in seconds. */
export interface BacktestWish {
  readonly series: string;
  readonly from: number;
  readonly to: number;
  readonly chosen: number;
  readonly labels: readonly LabelWindow[] | null;
  readonly timeZone: string;
  readonly limits: DeviationLimits;
}

/** One series of the past, judged anew at several sensitivities by a thread of its own. */
class BacktestRun {
  /** The samples with the verdicts of the chosen sensitivity. */
  readonly track = new Track();
  /** Grows when the track changed. */
  readonly revision = signal(0);
  readonly points = signal<ReadonlyMap<number, SensitivityPoint>>(new Map());
  /** Rows of the track; null until they are known. */
  readonly alarms = signal<readonly AlarmRow[] | null>(null);
  readonly step = signal<'loading' | 'judging' | 'done'>('loading');
  readonly error = signal<ApiError | null>(null);
  #loadedFor = '';
  #abort: AbortController | undefined;
  #worker: Worker | undefined;
  #id = 0;

  /** Loads what is not here yet, then judges: all sensitivities, or the chosen one where the others are known. */
  async want(wish: BacktestWish): Promise<void> {
    const { series, from, to } = wish;
    this.#id++;
    this.error.value = null;
    const key = `${series} ${from} ${to}`;
    if (key !== this.#loadedFor && !(await this.#load(key, wish))) return;
    this.#judge(wish);
  }

  /** Ends the thread and what is being loaded. */
  leave(): void {
    this.#abort?.abort();
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#id++;
    this.#loadedFor = '';
    this.track.clear();
    this.points.value = new Map();
    this.alarms.value = null;
    this.step.value = 'loading';
  }

  async #load(key: string, { series, from, to }: BacktestWish): Promise<boolean> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#loadedFor = '';
    this.step.value = 'loading';
    this.points.value = new Map();
    this.alarms.value = null;
    try {
      const times: number[] = [];
      const values: number[] = [];
      await loadInto({ series, from, to, times, values }, abort.signal);
      const { track } = this;
      track.clear();
      track.length = times.length;
      track.time = Float64Array.from(times);
      track.value = Float64Array.from(values);
      this.#loadedFor = key;
      this.#forgetVerdicts();
      return true;
    } catch (error) {
      if (abort.signal.aborted) return false;
      this.error.value = error instanceof ApiError ? error : new ApiError(0, String(error));
      return false;
    }
  }

  #forgetVerdicts(): void {
    const { track } = this;
    const none = () => new Float64Array(track.length).fill(Number.NaN);
    const judged = { expected: none(), lower: none(), upper: none(), probability: none() };
    Object.assign(track, judged);
    track.states = new Uint8Array(track.length);
    track.alarms = new Uint8Array(track.length);
    track.revision++;
    this.revision.value++;
  }

  #judge({ chosen, labels, timeZone, limits }: BacktestWish): void {
    this.step.value = 'judging';
    this.points.value = new Map();
    const timesMs = this.track.time.map((seconds) => Math.round(seconds * 1000));
    const values = this.track.value.slice();
    const sensitivities = SENSITIVITIES.filter((one) => one !== chosen);
    const id = this.#id;
    const request: BacktestRequest = { id, timesMs, values, labels, timeZone, limits, chosen, sensitivities };
    this.#ask(request, sensitivities.length + 1);
  }

  #ask(request: BacktestRequest, expected: number): void {
    // What an older request still computes is not wanted any more.
    this.#worker?.terminate();
    const worker = new Worker(new URL('../worker/backtest-worker.ts', import.meta.url), { type: 'module' });
    this.#worker = worker;
    const fail = (message: string) => {
      this.error.value = new ApiError(0, message);
    };
    worker.addEventListener('error', () => fail('The page could not judge the samples.'));
    worker.addEventListener('message', ({ data }: MessageEvent<BacktestAnswer>) => {
      if (data.id !== this.#id) return;
      if (data.kind === 'failed') fail(data.message);
      else if (data.kind === 'verdicts') {
        const { states, alarmFlags, expected: middle, lower, upper, alarms } = data.verdicts;
        Object.assign(this.track, { states, alarms: alarmFlags, expected: middle, lower, upper });
        this.track.revision++;
        this.alarms.value = alarms;
        this.revision.value++;
      } else {
        this.points.value = new Map(this.points.peek()).set(data.point.sensitivity, data.point);
        if (this.points.peek().size === expected) this.step.value = 'done';
      }
    });
    worker.postMessage(request, [request.timesMs.buffer, request.values.buffer]);
  }
}

interface Loading {
  readonly series: string;
  readonly from: number;
  readonly to: number;
  readonly times: number[];
  readonly values: number[];
}

/** Every sample of the range, oldest first: the server thins out what is more than it is asked for. */
async function loadInto({ series, from, to, times, values }: Loading, signal: AbortSignal): Promise<void> {
  const { total } = await fetchSamples({ series, from, to, points: 2 }, signal);
  if (times.length + total > SAMPLES_MOST) {
    throw new ApiError(
      0,
      `There are ${total.toLocaleString('en-US')} samples in this range, more than a page should take.`,
      'Choose a shorter one, or run: seismo backtest --series',
    );
  }
  if (total === 0) return;
  if (total <= POINTS_MOST) {
    const body = await fetchSamples({ series, from, to, points: POINTS_MOST }, signal);
    const newest = times.at(-1) ?? Number.NEGATIVE_INFINITY;
    for (const [index, time] of body.time.entries()) {
      if (time <= newest) continue;
      times.push(time);
      values.push(body.value[index]!);
    }
    return;
  }
  const middle = (from + to) / 2;
  await loadInto({ series, from, to: middle, times, values }, signal);
  await loadInto({ series, from: middle, to, times, values }, signal);
}

export const backtestRun = new BacktestRun();
