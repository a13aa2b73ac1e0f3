import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type StreamingDetector, VERDICT_STATES } from '@seismo/engine/streaming';
import type { Logger } from '../logger.js';
import type { ActiveSeries } from '../model/active-series.js';
import type { CommittedBatch } from '../model/batch.js';
import type { Clock } from '../ports/clock.js';
import type { Detection, DetectionStatus, JudgedCommit, SeriesNow } from '../ports/detection.js';
import type { CommitLog, FindingsStore, SampleReader, StoreUpkeep } from '../ports/sample-store.js';
import type { StateStore } from '../ports/state-store.js';
import type { SelfMetrics } from '../self-metrics.js';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.js';
import { CommitFeed } from './commit-feed.js';
import { FindingsWriter } from './findings-writer.js';
import { joinSmall } from './join-commits.js';
import { Judge, type JudgedRows } from './judge.js';
import { activateNewest, inSlices, rebuild } from './rebuild.js';

const IDLE_S = 86_400;
const RETRY_MS = 1000;
/** A checkpoint may take this part of the time. */
const CHECKPOINT_SHARE = 1 / 20;
/** How long a stop waits for verdicts that the store refuses. */
const STOP_MS = 2000;
/** How long one pass may run before other work is let in. */
const TURN_MS = 10;

/** What detection asks of the store. */
export type DetectionStore = CommitLog &
  FindingsStore &
  Pick<SampleReader, 'readLatest'> &
  Pick<StoreUpkeep, 'statistics'>;

export interface DetectionOptions {
  readonly samples: DetectionStore;
  readonly state: StateStore;
  readonly createDetector: () => StreamingDetector;
  readonly active: ActiveSeries;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly metrics: SelfMetrics;
  readonly log: Logger;
  /** Least time between two checkpoints; default 30 s. */
  readonly checkpointIntervalMs?: number;
  /** A checkpoint is due before that time when so many samples were learned since; default 5 million. */
  readonly checkpointSamples?: number;
}

/**
 * The detect stage: judges every commit in order, one at a time, and hands on what it finds. Its state is a
 * pure function of the commits: a checkpoint, and after a restart the commits since it once more.
 */
export class DetectionRunner implements Detection {
  readonly #options: DetectionOptions;
  readonly #feed: CommitFeed;
  readonly #findings: FindingsWriter;
  readonly #listeners: ((judged: JudgedCommit) => void)[] = [];
  #judge: Judge;
  /** Work that must happen between two commits, such as giving up series. */
  #betweenCommits: (() => void)[] = [];
  #rebuilding: string | undefined;
  #judgedSeq = 0;
  #checkpointSeq = 0;
  #samplesSinceCheckpoint = 0;
  #checkpointDueMs = 0;
  #stopping = false;
  #finished: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  private constructor(options: DetectionOptions, committedSeq: number) {
    this.#options = options;
    this.#feed = new CommitFeed(options.samples, committedSeq);
    this.#findings = new FindingsWriter(options.samples, options.log);
    this.#judge = new Judge(options.createDetector(), options.active);
    this.#timer = setInterval(() => this.#feed.wake(), Math.min(1000, this.#intervalMs));
    this.#timer.unref();
  }

  /**
   * Loads the checkpoint, then judges what was committed since and what comes, in the background. Nothing may
   * be appended to the store before this resolves.
   */
  static async start(options: DetectionOptions): Promise<DetectionRunner> {
    const { committedSeq } = await options.samples.statistics();
    const runner = new DetectionRunner(options, committedSeq);
    await runner.#prepare(committedSeq);
    runner.#finished = runner.#run(committedSeq);
    return runner;
  }

  status(): DetectionStatus {
    const { detector } = this.#judge;
    return {
      detector: detector.name,
      caughtUp: this.#rebuilding === undefined && this.#feed.caughtUp,
      ...(this.#rebuilding === undefined ? {} : { rebuilding: this.#rebuilding }),
      judgedSeq: this.#judgedSeq,
      checkpointSeq: this.#checkpointSeq,
      seriesWithState: detector.openCount,
      stateBytes: detector.stateBytes,
    };
  }

  now(seriesId: number): SeriesNow | undefined {
    const { slots, detector, leftBehind } = this.#judge;
    const slot = slots.slotOf(seriesId);
    if (slot < 0) return undefined;
    const timeMs = detector.lastTimeMs(slot);
    if (timeMs === Number.NEGATIVE_INFINITY) return undefined;
    const newer = leftBehind.get(seriesId);
    const now = { timeMs, ...slots.newest(slot), periodMs: detector.periodMs(slot) };
    return newer === undefined ? now : { ...now, newer };
  }

  onJudged(listener: (judged: JudgedCommit) => void): void {
    this.#listeners.push(listener);
  }

  /** Gives up the state of series that are gone from the store, after the commit that is being judged. */
  forget(seriesIds: readonly number[]): void {
    this.#betweenCommits.push(() => {
      for (const id of seriesIds) this.#judge.forget(id);
    });
    this.#feed.wake();
  }

  /** Judges what was announced, saves a checkpoint and ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#feed.wake();
    const giveUp = setTimeout(() => this.#findings.stop(), STOP_MS);
    await this.#finished;
    if (this.#rebuilding === undefined) {
      await this.#tryCheckpoint('no checkpoint at the end; the next start judges from the last one');
    }
    clearTimeout(giveUp);
  }

  get #intervalMs(): number {
    return this.#options.checkpointIntervalMs ?? 30_000;
  }

  async #prepare(committedSeq: number): Promise<void> {
    const { samples, state, active, createDetector, timeZone, log } = this.#options;
    const { detector } = this.#judge;
    const restored = await restoreCheckpoint(state, detector, active, { timeZone, committedSeq });
    if (typeof restored !== 'string') {
      this.#judge = restored.judge;
      this.#judgedSeq = this.#checkpointSeq = restored.seq;
    } else {
      this.#judge = new Judge(createDetector(), active);
      if (committedSeq === 0) {
        await this.#tryCheckpoint('no checkpoint at the start; a later one takes its place');
        return;
      }
      this.#rebuilding = restored;
      this.#judgedSeq = committedSeq;
      await activateNewest(samples, active, this.#nowS());
      log.warn({ reason: restored }, 'rebuilding the detector from the stored samples; ingestion goes on');
    }
    samples.keepCommitsAfter(this.#judgedSeq);
    this.#feed.seek(this.#judgedSeq);
    // What had to be judged again after a crash is not to be judged a third time after the next one.
    const behind = this.#judgedSeq < committedSeq;
    this.#checkpointDueMs = behind ? 0 : performance.now() + this.#intervalMs;
  }

  async #run(committedSeq: number): Promise<void> {
    while (this.#rebuilding !== undefined && !this.#stopping)
      await this.#guard(() => this.#rebuild(committedSeq));
    // What was announced before the stop is judged still; what would have to be read back is left to the replay.
    while (!this.#stopping || this.#feed.hasWaiting) await this.#guard(() => this.#pass());
  }

  /** Detection outlives what goes wrong in one pass: it says so and tries again. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#stopping) return;
      this.#options.log.error({ error: String(error) }, 'detection stumbled; trying again');
      this.#feed.seek(this.#judgedSeq);
      await delay(RETRY_MS);
    }
  }

  async #rebuild(throughSeq: number): Promise<void> {
    const startMs = performance.now();
    this.#judge = new Judge(this.#options.createDetector(), this.#options.active);
    if (!(await rebuild(this.#options.samples, this.#judge, throughSeq, () => this.#stopping))) return;
    this.#rebuilding = undefined;
    const seconds = Math.round(performance.now() - startMs) / 1000;
    this.#options.log.info({ seconds, series: this.#judge.detector.openCount }, 'detector rebuilt');
    await this.#checkpoint();
  }

  async #pass(): Promise<void> {
    const commits = await this.#feed.next();
    let turnStartMs = performance.now();
    for (const commit of joinSmall(commits.filter(({ seq }) => seq > this.#judgedSeq))) {
      this.#doBetweenCommits();
      if (performance.now() - turnStartMs > TURN_MS) {
        await nextTurn();
        turnStartMs = performance.now();
      }
      await this.#judgeCommit(commit);
    }
    this.#doBetweenCommits();
    this.#findings.flush();
    await this.#findings.room();
    if (this.#checkpointIsDue()) await this.#checkpoint();
  }

  async #judgeCommit(commit: CommittedBatch): Promise<void> {
    const rows = commit.batch.values.length;
    const judged = Judge.prepare(commit);
    const nowS = this.#nowS();
    // A commit begun is finished, also while stopping: half a commit cannot be replayed.
    await inSlices(
      rows,
      () => false,
      (from, to) => this.#judge.judge(judged, from, to, nowS),
    );
    this.#judgedSeq = commit.seq;
    this.#samplesSinceCheckpoint += rows;
    this.#count(judged);
    this.#findings.add(judged);
    for (const listener of this.#listeners) listener(judged);
  }

  #count({ scored, verdicts, anomalies }: JudgedRows): void {
    const { metrics } = this.#options;
    const byState = new Array<number>(VERDICT_STATES.length).fill(0);
    let late = 0;
    for (let row = 0; row < scored.length; row++) {
      if (scored[row] === 0) late++;
      else byState[verdicts.states[row]!]!++;
    }
    for (const [code, count] of byState.entries()) {
      if (count > 0) metrics.samplesJudged.inc({ state: VERDICT_STATES[code]! }, count);
    }
    if (late > 0) metrics.samplesLate.inc(late);
    if (anomalies.length > 0) metrics.anomalies.inc(anomalies.length);
  }

  #doBetweenCommits(): void {
    if (this.#betweenCommits.length === 0) return;
    const work = this.#betweenCommits;
    this.#betweenCommits = [];
    for (const one of work) one();
  }

  #checkpointIsDue(): boolean {
    if (this.#stopping) return false;
    if (this.#samplesSinceCheckpoint >= (this.#options.checkpointSamples ?? 5_000_000)) return true;
    if (performance.now() < this.#checkpointDueMs) return false;
    this.#checkpointDueMs = performance.now() + this.#intervalMs;
    return this.#judgedSeq !== this.#checkpointSeq || this.#idleSeries().length > 0;
  }

  #idleSeries(): number[] {
    return this.#options.active.idleSince(this.#nowS() - IDLE_S);
  }

  /** Saves the state between two commits, after all findings up to it are durable. */
  async #checkpoint(): Promise<void> {
    const { active, state, samples, timeZone, log } = this.#options;
    if (!(await this.#findings.settle())) return;
    const startMs = performance.now();
    for (const id of this.#idleSeries()) this.#judge.forget(id);
    const seq = this.#judgedSeq;
    await state.saveCheckpoint(saveCheckpoint(this.#judge, active, seq, timeZone));
    samples.keepCommitsAfter(seq);
    this.#checkpointSeq = seq;
    this.#samplesSinceCheckpoint = 0;
    const tookMs = performance.now() - startMs;
    this.#checkpointDueMs = performance.now() + Math.max(this.#intervalMs, tookMs / CHECKPOINT_SHARE);
    log.debug({ seq, seconds: tookMs / 1000 }, 'checkpoint saved');
  }

  /** Where a failure may not stop what goes on besides: a full disk can still be read. */
  async #tryCheckpoint(failure: string): Promise<void> {
    await this.#checkpoint().catch((error: unknown) => {
      this.#options.log.warn({ error: String(error) }, failure);
    });
  }

  #nowS(): number {
    return Math.max(1, Math.floor(this.#options.clock.nowMs() / 1000));
  }
}
