import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
/** What the command runs after its set-up step; tests build before they start. */
const COMMAND = join(REPOSITORY, 'tests/blackbox/support/run-main.js');

/** Far more than it takes, for machines that do other work meanwhile. */
const START_MS_MAX = 120_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly dataFolder: string;
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** SIGTERM, then waits for the end; removes the folder if it made it. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  /** kill -9, then waits for the end. The folder stays until `stop`. */
  kill(): Promise<Ended>;
  ended(): Promise<Ended>;
}

export interface StartOptions {
  /** Flags after `serve`; a free port, a fresh folder and --no-host-metrics are set unless given here. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Keep the host source on. */
  readonly hostMetrics?: boolean;
  /** Where it will answer, for a server that does not print it. */
  readonly url?: string;
  /** What must answer with 200 before it counts as started; `/ready` unless given here. */
  readonly answers?: '/health';
}

/** Starts a real server as a process of its own and waits until it is ready. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const given = options.args ?? [];
  const ownFolder = given.includes('--data') ? undefined : mkdtempSync(join(tmpdir(), 'seismo-test-'));
  const args = [...given];
  if (ownFolder !== undefined) args.push('--data', ownFolder);
  if (!given.includes('--port')) args.push('--port', '0');
  if (options.hostMetrics !== true && !given.includes('--no-host-metrics')) args.push('--no-host-metrics');
  const child = run(['serve', ...args], options.env);
  const dataFolder = args[args.indexOf('--data') + 1] ?? '';
  const server = {
    dataFolder,
    process: child.process,
    stdout: child.stdout,
    stderr: child.stderr,
    ended: () => child.ended,
    async kill() {
      child.process.kill('SIGKILL');
      return child.ended;
    },
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      if (child.process.exitCode === null && child.process.signalCode === null) child.process.kill(signal);
      const ended = await child.ended;
      if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true });
      return ended;
    },
  };
  try {
    const url = options.url ?? (await addressOf(child));
    await untilAnswered(url + (options.answers ?? '/ready'), child);
    return { url, ...server };
  } catch (error) {
    await server.kill();
    await server.stop();
    throw error;
  }
}

export interface RunningCommand {
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<Ended>;
}

/** Starts `seismo ARGS` as a process of its own. Variables of ours in the environment are taken out first. */
export function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = REPOSITORY,
): RunningCommand {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('SEISMO_') && name !== 'PORT',
  );
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Runs `seismo ARGS` to its end. */
export async function runToEnd(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
) {
  const command = run(args, env, cwd);
  const ended = await command.ended;
  return { ...ended, stdout: command.stdout(), stderr: command.stderr() };
}

/** The address that a server prints once it listens. */
export async function addressOf(command: RunningCommand): Promise<string> {
  const deadline = Date.now() + START_MS_MAX;
  while (Date.now() < deadline) {
    const match = /(?:address {2}|"url":")(http:\/\/[^\s"]+)/.exec(command.stdout());
    if (match?.[1] !== undefined) return match[1];
    if (command.process.exitCode !== null) break;
    await pause(20);
  }
  throw new Error(`The server did not start:\n${command.stdout()}${command.stderr()}`);
}

async function untilAnswered(url: string, command: RunningCommand): Promise<void> {
  const deadline = Date.now() + START_MS_MAX;
  while (Date.now() < deadline && command.process.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
    await pause(20);
  }
  throw new Error(`The server did not become ready:\n${command.stdout()}${command.stderr()}`);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
