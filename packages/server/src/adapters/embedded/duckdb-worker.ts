import { parentPort } from 'node:worker_threads';
import { AppError } from '../../errors.js';
import { readUnexplained, readVerdicts, writeExplanations } from './duckdb-explanations.js';
import { lastSampleMs, readForecast, readJudged, readMeans, surveySeries } from './duckdb-models.js';
import type { WorkerCallName, WorkerCalls, WorkerFailure, WorkerRequest } from './duckdb-protocol.js';
import { DuckDbSession } from './duckdb-session.js';

/** Holds the database file and answers the store on the main thread. */

type Answers = {
  [Name in Exclude<WorkerCallName, 'open'>]: (
    session: DuckDbSession,
    request: WorkerCalls[Name]['request'],
  ) => Promise<unknown>;
};

const ANSWERS: Answers = {
  commit: (session, group) => session.commit(group),
  readSeries: (session, { afterId, most }) => session.read((reader) => reader.readSeries(afterId, most)),
  readCommittedAfter: (session, { seq, samplesMax }) =>
    session.read((reader) => reader.readCommittedAfter(seq, samplesMax)),
  countBySeries: (session, { throughSeq }) => session.read((reader) => reader.countBySeries(throughSeq)),
  readPiece: (session, piece) => session.read((reader) => reader.readPiece(piece)),
  querySamples: (session, query) => session.querySamples(query),
  queryAnomalies: (session, query) => session.read((reader) => reader.queryAnomalies(query)),
  readLatest: (session) => session.read((reader) => reader.readLatest()),
  compact: (session, { throughSeq }) => session.compact(throughSeq),
  stopUpkeep: (session) => session.stopUpkeep(),
  deleteOlder: (session, before) => session.deleteOlder(before),
  removeSeries: (session, { ids }) => session.removeSeries(ids),
  backup: (session, { path }) => session.backup(path),
  counts: (session) => session.counts(),
  dropCheckpoints: (session) => session.dropCheckpoints(),
  loadCheckpoint: (session, { detector }) => session.read((reader) => reader.loadCheckpoint(detector)),
  openModels: (session) => session.openModels(),
  judgeMinutes: (session, request) => session.judgeMinutes(request),
  saveModels: (session, { models }) => session.write((writer) => writer.writeModels(models)),
  removeModels: (session, { ids }) => session.write((writer) => writer.removeModels(ids)),
  // It reads much, and can wait for what else takes much of the memory.
  surveySeries: (session, { fromMs }) =>
    session.background.run(() => session.read(({ connection }) => surveySeries(connection, fromMs))),
  lastSample: (session, { seriesId }) => session.read(({ connection }) => lastSampleMs(connection, seriesId)),
  readMeans: (session, { seriesId, fromMs, untilMs }) =>
    session.read(({ connection }) => readMeans(connection, seriesId, fromMs, untilMs)),
  readForecast: (session, { seriesId, fromMs, minutes }) =>
    session.read(({ connection }) => readForecast(connection, seriesId, fromMs, minutes)),
  readJudged: (session, { seriesId, fromMs, toMs }) =>
    session.read(({ connection }) => readJudged(connection, seriesId, fromMs, toMs)),
  readUnexplained: (session, { seriesId, fromMs }) =>
    session.read(({ connection }) => readUnexplained(connection, seriesId, fromMs)),
  readVerdicts: (session, { seriesId, fromMs, toMs }) =>
    session.read(({ connection }) => readVerdicts(connection, seriesId, fromMs, toMs)),
  saveExplanations: (session, { seriesId, explanations }) =>
    session.write(({ connection }) => writeExplanations(connection, seriesId, explanations)),
  sqlOpen: (session) => session.openSql(),
  sqlCall: (session, { id, call }) => session.sql.call(id, call),
  sqlInterrupt: async (session, { id, kind }) => session.sql.interrupt(id, kind),
  sqlClose: (session, { id }) => session.sql.close(id),
  close: (session) => session.close(),
};

const port = parentPort!;
let session: DuckDbSession | undefined;

async function answer({ name, request }: WorkerRequest): Promise<unknown> {
  if (name === 'open') {
    session = await DuckDbSession.open(request as WorkerCalls['open']['request']);
    return session.describe();
  }
  const handler = ANSWERS[name] as (session: DuckDbSession, request: unknown) => Promise<unknown>;
  return handler(session!, request);
}

port.on('message', (message: WorkerRequest) => {
  answer(message).then(
    (reply) => port.postMessage({ id: message.id, reply }, buffersOf(reply)),
    (error: unknown) => port.postMessage({ id: message.id, failure: toFailure(error) }),
  );
});

/** The arrays of a reply move to the main thread instead of being copied. */
function buffersOf(reply: unknown): ArrayBuffer[] {
  if (typeof reply !== 'object' || reply === null) return [];
  const buffers: ArrayBuffer[] = [];
  // The pieces of a checkpoint are views too, one level down; a list of rows holds none.
  for (const part of Object.values(reply).flatMap((one) => (Array.isArray(one) ? one : [one]))) {
    if (ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer) buffers.push(part.buffer);
  }
  return buffers;
}

function toFailure(error: unknown): WorkerFailure {
  if (error instanceof AppError) {
    const { code, message, hint } = error;
    return hint === undefined ? { code, message } : { code, message, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `The store failed: ${message}` };
}
