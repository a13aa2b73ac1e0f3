import type { ServerResponse } from 'node:http';
import type { SeriesSelection } from '../series-selection.js';
import { heartbeatEvent, type LiveSources, newestEvent, resetEvent, samplesEvent } from './live-events.js';
import type { RecentCommits } from './recent-commits.js';

/**
 * One open `/api/live`. It holds a position in the recent commits and nothing else: while the reader does not
 * take what was written, nothing more is written, and memory does not grow.
 */
export class LiveClient {
  readonly selection: SeriesSelection;
  readonly #response: ServerResponse;
  readonly #recent: RecentCommits;
  readonly #sources: LiveSources;
  #sentSeq: number;
  #blockedSinceMs: number | undefined;

  constructor(
    response: ServerResponse,
    selection: SeriesSelection,
    recent: RecentCommits,
    sources: LiveSources,
    lastSeq: number | undefined,
  ) {
    this.#response = response;
    this.selection = selection;
    this.#recent = recent;
    this.#sources = sources;
    this.#sentSeq = recent.newestSeq;
    if (lastSeq === undefined) return;
    // A number that was not given out yet comes from another data folder: as good as too old.
    if (lastSeq >= recent.droppedThroughSeq && lastSeq <= recent.newestSeq) this.#sentSeq = lastSeq;
    else this.#reset('resume_too_old');
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
    if (this.#blockedSinceMs !== undefined || this.#sentSeq >= this.#recent.newestSeq) return;
    if (this.#sentSeq < this.#recent.droppedThroughSeq) {
      this.#reset('slow_reader');
      return;
    }
    const text = render(this);
    this.#sentSeq = this.#recent.newestSeq;
    if (text !== undefined) this.#write(text);
  }

  renderNew(): string | undefined {
    return samplesEvent(this.#recent.after(this.#sentSeq), this.selection, this.#sources);
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
