/**
 * A load generator in a process of its own: `load-client.js URL MODE SECONDS` prints one line of JSON.
 * Modes: `batches` (16 connections, 1,000 points a request), `singles` (256 connections, one sample a request),
 * `live` (1,000 requests a second, from the POST to the verdict on /api/live).
 */
import { get } from 'node:http';
import process from 'node:process';
import { HttpConnection } from './http-connection.js';
import { percentiles, postLoad } from './post-load.js';

const [urlText, mode, secondsText] = process.argv.slice(2);
const url = new URL(urlText);
const durationMs = Number(secondsText) * 1000;
/** Samples lie in the recent past, a second apart, and never collide with those of another run. */
const firstSecond = Math.floor(Date.now() / 1000) - 20 * 86_400;

const modes = { batches: postBatches, singles: postSingles, live: measureLive };
console.log(JSON.stringify(await modes[mode]()));
process.exit(0);

async function postBatches() {
  const seriesEach = 100;
  const timesEach = 10;
  return loop(16, seriesEach * timesEach, (connection, round) => {
    const items = [];
    for (let time = 0; time < timesEach; time++) {
      const timestamp = firstSecond + round * timesEach + time;
      for (let series = 0; series < seriesEach; series++) {
        items.push(
          `{"timestamp":${timestamp},"batch_${connection}_${series}":${valueAt(timestamp, series)}}`,
        );
      }
    }
    return `[${items.join(',')}]`;
  });
}

async function postSingles() {
  return loop(256, 1, (connection, round) => {
    const timestamp = firstSecond + round;
    return `{"timestamp":${timestamp},"single_${connection}":${valueAt(timestamp, connection)}}`;
  });
}

async function loop(connections, pointsEach, bodyOf) {
  const { seconds, ...result } = await postLoad({
    url: new URL('/metrics', url),
    connections,
    durationMs,
    bodyOf,
  });
  const accepted = result.statuses[202] ?? 0;
  return {
    requestsPerSecond: accepted / seconds,
    pointsPerSecond: (accepted * pointsEach) / seconds,
    ...result,
  };
}

/** From just before the POST is written to its verdict's arrival on the event stream. */
async function measureLive() {
  const sentMs = new Map();
  const latenciesMs = [];
  const stream = await openLive((series, time) => {
    const key = `${series}@${time}`;
    const startedMs = sentMs.get(key);
    if (startedMs === undefined) return;
    sentMs.delete(key);
    latenciesMs.push(performance.now() - startedMs);
  });
  const connections = await Promise.all(
    Array.from({ length: 64 }, () => HttpConnection.open(url, '/metrics')),
  );
  const free = connections.map((connection, index) => ({ connection, index, round: 0 }));
  const startMs = performance.now();
  let sent = 0;
  let queued = 0;
  const sendOne = (slot) => {
    const timestamp = firstSecond + slot.round++;
    const series = `live_${slot.index}`;
    sentMs.set(`${series}@${timestamp}`, performance.now());
    sent++;
    const body = `{"timestamp":${timestamp},"${series}":${valueAt(timestamp, slot.index)}}`;
    slot.connection.post(body).then(() => free.push(slot));
  };
  while (performance.now() - startMs < durationMs) {
    const due = Math.floor((performance.now() - startMs) * 1); // 1,000 a second = one a millisecond
    while (sent < due && free.length > 0) sendOne(free.shift());
    if (sent < due) queued++;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const seconds = (performance.now() - startMs) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  stream.destroy();
  for (const connection of connections) connection.close();
  return {
    requestsPerSecond: sent / seconds,
    pointsPerSecond: sent / seconds,
    ...percentiles(latenciesMs),
    unseen: sentMs.size,
    queued,
  };
}

function openLive(onSample) {
  return new Promise((resolve, reject) => {
    const request = get(
      `${url.origin}/api/live`,
      { headers: { accept: 'text/event-stream' } },
      (response) => {
        if (response.statusCode !== 200)
          return reject(new Error(`/api/live answered ${response.statusCode}`));
        let rest = '';
        response.setEncoding('utf8').on('data', (text) => {
          const blocks = (rest + text).split('\n\n');
          rest = blocks.pop();
          for (const block of blocks) readEvent(block, onSample);
        });
        response.on('error', () => {});
        resolve(request);
      },
    );
    request.on('error', reject);
  });
}

function readEvent(block, onSample) {
  if (!/^event: ?samples$/m.test(block)) return;
  const data = /^data: ?(.*)$/m.exec(block);
  if (data === null) return;
  for (const { series, time } of JSON.parse(data[1]).samples) onSample(series, time);
}

function valueAt(time, series) {
  return (100 + 10 * Math.sin(time / 60 + series) + ((time * 7919 + series * 104729) % 1000) / 500).toFixed(
    3,
  );
}
