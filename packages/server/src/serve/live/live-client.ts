import type { ServerResponse } from 'node:http';
import type { SeriesSelection } from '../series-selection.js';
import {
  anomaliesEvent,
  heartbeatEvent,
  type LiveSources,
  newestEvent,
  resetEvent,
  samplesEvent,
} from './live-events.js';
import type { RecentCommits } from './recent-commits.js';
import type { RecentFindings } from './recent-findings.js';

/** What is kept for all readers. */
export interface LiveMemory {
  readonly recent: RecentCommits;
  readonly findings: RecentFindings;
}

/**
 * One open `/api/live`. It holds a position in the recent commits and nothing else: while the reader does not
 * take what was written, nothing more is written, and memory does not grow.
 */
export class LiveClient {
  readonly selection: SeriesSelection;
  readonly #response: ServerResponse;
  readonly #recent: RecentCommits;
  readonly #findings: RecentFindings;
  readonly #sources: LiveSources;
  #sentSeq: number;
  /** The last round of minutes that was told. */
  #sentRound: number;
  #blockedSinceMs: number | undefined;

  constructor(
    response: ServerResponse,
    selection: SeriesSelection,
    { recent, findings }: LiveMemory,
    sources: LiveSources,
    lastSeq: number | undefined,
  ) {
    this.#response = response;
    this.selection = selection;
    this.#recent = recent;
    this.#sources = sources;
    this.#findings = findings;
    this.#sentSeq = recent.newestSeq;
    this.#sentRound = findings.newest;
    if (lastSeq === undefined) return;
    // A number that was not given out yet comes from another data folder: as good as too old.
    if (lastSeq >= recent.droppedThroughSeq && lastSeq <= recent.newestSeq) {
      this.#sentSeq = lastSeq;
      this.#sentRound = findings.toldBy(lastSeq);
    } else this.#reset('resume_too_old');
  }

  get sentSeq(): number {
    return this.#sentSeq;
  }

  /** Milliseconds since when the reader has taken nothing; 0 when it keeps up. */
  blockedMs(nowMs: number): number {
    return this.#blockedSinceMs === undefined ? 0 : nowMs - this.#blockedSinceMs;
  }

  /** Writes what is new. `render` gives the event for the commits after a number; undefined when none matches. */
  pump(render: (client: LiveClient) => string | undefined = (client) => client.renderNew()): void {
    this.#pumpSamples(render);
    this.#pumpFindings();
  }

  renderNew(): string | undefined {
    return samplesEvent(this.#recent.after(this.#sentSeq), this.selection, this.#sources);
  }

  #pumpSamples(render: (client: LiveClient) => string | undefined): void {
    if (this.#blockedSinceMs !== undefined || this.#sentSeq >= this.#recent.newestSeq) return;
    if (this.#sentSeq < this.#recent.droppedThroughSeq) {
      this.#reset('slow_reader');
      return;
    }
    const text = render(this);
    this.#sentSeq = this.#recent.newestSeq;
    if (text !== undefined) this.#write(text);
  }

  #pumpFindings(): void {
    if (this.#blockedSinceMs !== undefined || this.#sentRound >= this.#findings.newest) return;
    const found = this.#findings.after(this.#sentRound);
    this.#sentRound = this.#findings.newest;
    const text = anomaliesEvent(this.#sentSeq, found, this.selection, this.#sources);
    if (text !== undefined) this.#write(text);
  }

  heartbeat(timeMs: number): void {
    if (this.#blockedSinceMs === undefined) this.#write(heartbeatEvent(this.#sentSeq, timeMs));
  }

  end(): void {
    this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }

  #reset(reason: 'resume_too_old' | 'slow_reader'): void {
    this.#sentSeq = this.#recent.newestSeq;
    this.#sentRound = this.#findings.newest;
    this.#write(
      resetEvent(this.#sentSeq, reason) + newestEvent(this.#sentSeq, this.selection, this.#sources),
    );
  }

  #write(text: string): void {
    if (this.#response.destroyed || this.#response.write(text)) return;
    this.#blockedSinceMs = Date.now();
    this.#response.once('drain', () => {
      this.#blockedSinceMs = undefined;
      this.pump();
    });
  }
}
