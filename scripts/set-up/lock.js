import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 2_000;
/** Holder unknown to this host (another machine or container on the same folder). */
const SILENCE_ELSEWHERE_MS = 20_000;
/** Holder's process id is in use here, maybe by somebody else by now. */
const SILENCE_MS = 180_000;
/** Given to started commands to end by themselves. */
const STOP_MS = 5_000;

/**
 * A lock file that one process of many may hold. Its holder is known by process ids, its own and those of the
 * commands it started: an installation that outlives its killed parent still holds the lock. `onWait` is called
 * once when somebody else holds it.
 */
export async function acquireLock(path, onWait) {
  const content = { token: randomUUID(), host: hostname(), pids: [process.pid] };
  let waited = false;
  while (!(await tryAcquire(path, content))) {
    if (!waited) onWait();
    waited = true;
    await sleep(200);
  }
  const children = new Set();
  const heartbeat = setInterval(() => replace(path, content), HEARTBEAT_MS);
  heartbeat.unref();
  return {
    /** True once `stopChildren` was called. */
    stopping: false,
    addChild(child) {
      children.add(child);
      child.once('close', () => children.delete(child));
      content.pids = [process.pid, ...[...children].map((one) => one.pid)];
      replace(path, content);
    },
    async stopChildren() {
      this.stopping = true;
      const ends = [...children].map((child) => new Promise((resolve) => child.once('close', resolve)));
      for (const child of children) child.kill('SIGTERM');
      const killing = setTimeout(() => {
        for (const child of children) child.kill('SIGKILL');
      }, STOP_MS);
      await Promise.all(ends);
      clearTimeout(killing);
    },
    release() {
      clearInterval(heartbeat);
      if (readHolder(path)?.token === content.token) rmSync(path, { force: true });
    },
  };
}

async function tryAcquire(path, content) {
  try {
    writeFileSync(path, JSON.stringify(content), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = readHolder(path);
  if (holder === undefined || isAlive(holder)) return false;
  // Whoever writes last of those that found it stale has it; the others see a token that is not theirs.
  replace(path, content);
  await sleep(150);
  return readHolder(path)?.token === content.token;
}

/** Undefined when the lock was just released. */
function readHolder(path) {
  let ageMs;
  try {
    ageMs = Date.now() - statSync(path).mtimeMs;
    return { ...JSON.parse(readFileSync(path, 'utf8')), ageMs };
  } catch {
    // Being written at this moment, or left half-written by a crash.
    return ageMs !== undefined && ageMs > SILENCE_ELSEWHERE_MS ? { pids: [], ageMs } : undefined;
  }
}

function isAlive({ host, pids, ageMs }) {
  if (host !== hostname()) return ageMs < SILENCE_ELSEWHERE_MS;
  return ageMs < SILENCE_MS && pids.some((pid) => pid !== process.pid && processExists(pid));
}

function processExists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function replace(path, content) {
  const next = `${path}.${process.pid}`;
  writeFileSync(next, JSON.stringify(content));
  renameSync(next, path);
}
