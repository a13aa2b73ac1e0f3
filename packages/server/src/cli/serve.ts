import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import { completeConfig } from '../roles/complete-config.js';
import { localUrl } from './listen.js';
import { createLogger } from './log-output.js';
import { refusePublicWithoutKey } from './public-address.js';
import { migrate, startRole } from './start-role.js';
import { type Service, startService } from './start-service.js';
import { secondsSinceStart, surviveClosedPipe } from './terminal.js';
import { VERSION } from './version.js';

const PARENT_LOOK_MS = 500;
/** Ctrl-C reaches the whole process group, and `npm` passes its own on: two that close are one. */
const SAME_SIGNAL_MS = 1000;

/** Runs the server until a signal; resolves with the exit code after it has drained. */
export async function serve(given: Config): Promise<number> {
  refusePublicWithoutKey(given);
  surviveClosedPipe();
  const roleConfig = await completeConfig(given);
  const config = roleConfig ?? given;
  const log = await createLogger(config);
  endOnUncaught(log);
  if (roleConfig?.role === 'migrate') return migrate(roleConfig, log);
  const ended = untilSignal(log);
  const service = await (roleConfig === undefined ? startService(config, log) : startRole(roleConfig, log));
  announce(config, service, log);
  await ended;
  await service.stop();
  log.info({}, 'Stopped; every acknowledged sample is stored.');
  return 0;
}

/**
 * Resolves at the first SIGTERM or SIGINT. A second one ends the process at once: nothing that was
 * acknowledged is lost by that, only the checkpoint is older.
 */
function untilSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    let stoppingSinceMs: number | undefined;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stoppingSinceMs === undefined) {
        stoppingSinceMs = performance.now();
        log.info({ signal }, 'Stopping: finishing what runs.');
        resolve();
      } else if (performance.now() - stoppingSinceMs > SAME_SIGNAL_MS) endBy(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    if (process.env.npm_command === 'exec') whenOrphaned(() => onSignal('SIGTERM'));
  });
}

/** By the signal itself: `process.exit` aborts where a thread of the store is busy, and says so. */
function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // As process 1 of a container it is spared by the signal.
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

/** `npx` dies of a signal without passing it on: its server would keep the port and the folder. */
function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, PARENT_LOOK_MS);
  timer.unref();
}

function endOnUncaught(log: Logger): void {
  const onFault = (fault: unknown) => {
    const err = fault instanceof Error ? fault : new Error(String(fault));
    log.error({ err }, 'Something went wrong inside Seismo; ending.');
    process.exit(1);
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
}

/** The only lines at start: version, address, data folder, what to try next, seconds taken. */
function announce(config: Config, { url, storagePort }: Service, log: Logger): void {
  const seconds = secondsSinceStart();
  if (config.log !== 'text') {
    const { role, dataFolder } = config;
    const what = role === 'embedded' ? { dataFolder, storagePort } : { role };
    log.info({ version: VERSION, url, ...what, seconds: Number(seconds) }, 'Seismo is ready.');
    return;
  }
  if (config.quiet) return;
  process.stdout.write(
    `Seismo ${VERSION}\n` +
      `  address  ${url}\n` +
      (config.role === 'embedded' ? `  data     ${config.dataFolder}\n` : `  role     ${config.role}\n`) +
      (storagePort === undefined
        ? ''
        : `  storage  ${config.host}:${storagePort} (BigQuery Storage Write API, gRPC)\n`) +
      `  try      curl ${localUrl(url)}${suggestion(config)}\n` +
      `  ready in ${seconds} s\n`,
  );
}

/** What this server answers, as the end of a command. */
function suggestion({ role, apiKeys }: Config): string {
  // Nobody but Pub/Sub and Cloud Scheduler has the token that its other paths ask for.
  if (role === 'processmetrics') return '/health';
  const key = apiKeys.length === 0 ? '' : ' -H "X-API-Key: $KEY"';
  if (role === 'get-anomalies') return `/get_anomalies${key}`;
  const sample = `'{"timestamp": '$(date +%s)', "latency": 312.0, "cpu": 100}'`;
  return `/metrics${key} -H 'Content-Type: application/json' -d ${sample}`;
}
