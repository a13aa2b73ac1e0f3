import type { ServerResponse } from 'node:http';
import type { JudgedCommit } from '../../ports/detection.js';
import type { ModelStore } from '../../ports/model-store.js';
import type { SelfMetrics } from '../../self-metrics.js';
import type { SeriesSelection } from '../series-selection.js';
import { LiveClient } from './live-client.js';
import type { LiveSources } from './live-events.js';
import { RecentCommits } from './recent-commits.js';
import { RecentFindings } from './recent-findings.js';

export interface LiveFeedOptions extends LiveSources {
  readonly metrics: SelfMetrics;
  /** Absent where no minutes are judged. */
  readonly models?: Pick<ModelStore, 'onFound'>;
  readonly nowMs: () => number;
  /** Rows kept for readers that come back; a row takes about 90 bytes. */
  readonly rowsKept?: number;
  readonly heartbeatMs?: number;
  readonly blockedMsMax?: number;
}

/** How long commits are gathered before they are sent together. */
const GATHER_MS = 10;
const GATHER_MS_MAX = 1000;
/** Sending may take this share of the time at most: one part of so many. */
const SHARE = 6;

/**
 * Hands judged commits on to everybody at `/api/live`. Ingestion pays for one push per commit and nothing else:
 * readers are served from a timer, all at once, less often the more it costs.
 */
export class LiveFeed {
  readonly #clients = new Set<LiveClient>();
  readonly #recent: RecentCommits;
  readonly #findings = new RecentFindings();
  readonly #options: LiveFeedOptions;
  readonly #heartbeat: NodeJS.Timeout;
  #flush: NodeJS.Timeout | undefined;
  #gatherMs = GATHER_MS;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#recent = new RecentCommits(options.detection.status().judgedSeq, options.rowsKept ?? 100_000);
    options.detection.onJudged((judged) => {
      this.#recent.push(judged);
      this.#flushSoon();
    });
    options.models?.onFound((found) => {
      this.#findings.push(found, this.#recent.newestSeq);
      this.#flushSoon();
    });
    this.#heartbeat = setInterval(() => this.#beat(), options.heartbeatMs ?? 5000);
    this.#heartbeat.unref();
  }

  /** The newest judged commits, oldest first. */
  recentCommits(): JudgedCommit[] {
    return this.#recent.after(this.#recent.droppedThroughSeq);
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** Serves this response until it closes. Headers are written already. */
  add(response: ServerResponse, selection: SeriesSelection, lastSeq: number | undefined): void {
    response.write('retry: 1000\n\n');
    const memory = { recent: this.#recent, findings: this.#findings };
    const client = new LiveClient(response, selection, memory, this.#options, lastSeq);
    this.#clients.add(client);
    this.#options.metrics.liveClients.set(this.#clients.size);
    response.on('error', () => response.destroy());
    response.once('close', () => {
      this.#clients.delete(client);
      this.#options.metrics.liveClients.set(this.#clients.size);
    });
    client.pump();
    client.heartbeat(this.#options.nowMs());
  }

  /** Ends every stream; readers come back by themselves when there is a server again. */
  close(): void {
    clearTimeout(this.#flush);
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.end();
  }

  #flushSoon(): void {
    if (this.#clients.size > 0) this.#flush ??= setTimeout(() => this.#flushNow(), this.#gatherMs);
  }

  #flushNow(): void {
    this.#flush = undefined;
    const startMs = performance.now();
    // Readers of everything that stand at the same place get the same text.
    const shared = new Map<number, string | undefined>();
    for (const client of this.#clients) {
      client.pump((one) => {
        if (!one.selection.isEverything) return one.renderNew();
        if (!shared.has(one.sentSeq)) shared.set(one.sentSeq, one.renderNew());
        return shared.get(one.sentSeq);
      });
    }
    const spentMs = performance.now() - startMs;
    this.#gatherMs = Math.min(GATHER_MS_MAX, Math.max(GATHER_MS, spentMs * (SHARE - 1)));
  }

  #beat(): void {
    for (const client of this.#clients) {
      if (client.blockedMs(Date.now()) > (this.#options.blockedMsMax ?? 60_000)) client.destroy();
      else client.heartbeat(this.#options.nowMs());
    }
  }
}
