import { signal } from '@preact/signals';
import type {
  AnomalyItem,
  JudgedSample,
  LiveAnomalies,
  LiveHeartbeat,
  LiveReset,
  LiveSamples,
} from '@seismo/server/serve/schemas';

/** `waiting`: broken off, tries again at `retryAtMs`. */
export type LiveStatus =
  | { readonly state: 'connecting' | 'live' }
  | { readonly state: 'waiting'; readonly retryAtMs: number; readonly sinceMs: number };

export interface LiveListener {
  /** `skipped`: so many more came at once that they were left out; they can be fetched. */
  samples(samples: JudgedSample[], skipped: number): void;
  /** Whole minutes that were found, confirmed or taken back. `skipped`: more than that. */
  found(minutes: AnomalyItem[], skipped: number): void;
  /** Something was missed: fetch again. Also called when the connection stands again after a break. */
  reset(): void;
  /** The connection broke: find out whether the server still knows us. */
  broken(): void;
  /** Server's time, seconds. */
  heartbeat(time: number): void;
}

/** Heartbeats come every 5 s: after this long without a word the connection is dead. */
const SILENCE_MS = 13_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 15_000;
/** What proxies pass on is bounded; series that do not fit are left to the next refresh. The first is always asked for. */
const URL_CHARS_MAX = 12_000;

/** The stream of judged samples. Breaks are met with tries at growing distances, visible in `status`. */
export class LiveConnection {
  readonly status = signal<LiveStatus>({ state: 'connecting' });
  readonly #listener: LiveListener;
  #source: EventSource | undefined;
  #series: readonly string[] | null | undefined;
  #lastId = '';
  #tries = 0;
  #brokenSinceMs = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: LiveListener) {
    this.#listener = listener;
  }

  /** Asks for these series from now on; null for all. */
  subscribe(series: readonly string[] | null): void {
    const same = this.#series !== undefined && JSON.stringify(series) === JSON.stringify(this.#series);
    if (same) return;
    this.#series = series;
    if (this.status.value.state === 'waiting') return;
    // Resumes where it was: the series wanted before and after miss nothing.
    this.#open();
  }

  retryNow(): void {
    if (this.status.value.state === 'waiting') this.#open();
  }

  close(): void {
    this.#stop();
    this.#series = undefined;
    this.#lastId = '';
    this.status.value = { state: 'connecting' };
  }

  #open(): void {
    this.#stop();
    const source = new EventSource(this.#url());
    this.#source = source;
    if (this.status.value.state !== 'live') this.status.value = { state: 'connecting' };
    this.#listenForSilence();
    source.onopen = () => this.#opened();
    source.onerror = () => this.#broke();
    this.#on<LiveSamples>(source, 'samples', (body) =>
      this.#listener.samples(body.samples, body.skipped ?? 0),
    );
    this.#on<LiveAnomalies>(source, 'anomalies', (body) =>
      this.#listener.found(body.anomalies, body.skipped ?? 0),
    );
    this.#on<LiveReset>(source, 'reset', () => this.#listener.reset());
    this.#on<LiveHeartbeat>(source, 'heartbeat', (body) => this.#listener.heartbeat(body.time));
  }

  #on<T>(source: EventSource, name: string, take: (body: T) => void): void {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      if (event.lastEventId !== '') this.#lastId = event.lastEventId;
      this.#listenForSilence();
      take(JSON.parse(event.data) as T);
    });
  }

  #opened(): void {
    const wasBroken = this.#tries > 0;
    this.#tries = 0;
    this.#brokenSinceMs = 0;
    this.status.value = { state: 'live' };
    this.#listenForSilence();
    if (wasBroken) this.#listener.reset();
  }

  #broke(): void {
    this.#stop();
    const nowMs = Date.now();
    if (this.#brokenSinceMs === 0) this.#brokenSinceMs = nowMs;
    const waitMs = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** this.#tries++);
    this.status.value = { state: 'waiting', retryAtMs: nowMs + waitMs, sinceMs: this.#brokenSinceMs };
    this.#retryTimer = setTimeout(() => this.#open(), waitMs);
    this.#listener.broken();
  }

  #listenForSilence(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#broke(), SILENCE_MS);
  }

  #stop(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    this.#source?.close();
    this.#source = undefined;
  }

  #url(): string {
    const params = new URLSearchParams();
    let chars = 0;
    for (const key of this.#series ?? []) {
      const first = chars === 0;
      chars += encodeURIComponent(key).length + 8;
      if (!first && chars > URL_CHARS_MAX) break;
      params.append('series', key);
    }
    if (this.#lastId !== '') params.set('last_event_id', this.#lastId);
    const text = params.toString();
    return text === '' ? '/api/live' : `/api/live?${text}`;
  }
}
