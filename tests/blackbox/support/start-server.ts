import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
/** What the command runs after its set-up step; tests build before they start. */
const COMMAND = join(REPOSITORY, 'tests/blackbox/support/run-main.js');
const COMMANDS = join(REPOSITORY, 'tests/blackbox/support/run-commands.js');

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
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: environment(env),
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

/** This process' variables without those of ours, and these. */
function environment(own: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('SEISMO_') && name !== 'PORT',
  );
  return { ...Object.fromEntries(inherited), ...own };
}

/** Runs `seismo ARGS` to its end, as a process of its own. */
export async function runProcessToEnd(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
) {
  const command = run(args, env, cwd);
  const ended = await command.ended;
  return { ...ended, stdout: command.stdout(), stderr: command.stderr() };
}

let commands: ChildProcess | undefined;
let lastCommand: Promise<unknown> = Promise.resolve();

/**
 * Runs `seismo ARGS` to its end, after those before it in a process that they share, which saves most of what a
 * command takes. A server has a process of its own.
 */
export async function runToEnd(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = REPOSITORY,
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  if (args[0] === 'serve') return runProcessToEnd(args, env, cwd);
  const ended = lastCommand.then(() => runShared({ args, env: environment(env), cwd }));
  lastCommand = ended.catch(() => {});
  return ended;
}

async function runShared(request: { args: readonly string[]; env: object; cwd: string }) {
  if (commands?.connected !== true) {
    // What Node.js says of files that nobody closed is said when memory is tidied, in the middle of any later command.
    const execArgv = [...process.execArgv, '--no-warnings'];
    commands = fork(COMMANDS, { execArgv, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    // It ends with the process that it serves.
    commands.unref();
    commands.channel?.unref();
  }
  const shared = commands;
  shared.channel?.ref();
  try {
    return await new Promise<Ended & { stdout: string; stderr: string }>((resolve, reject) => {
      const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
        reject(new Error(`The process of ${request.args.join(' ')} ended with ${code ?? signal}.`));
      shared.once('exit', onExit);
      shared.once('message', (answer: { code: number; stdout: string; stderr: string }) => {
        shared.off('exit', onExit);
        resolve({ ...answer, signal: null });
      });
      shared.send(request);
    });
  } finally {
    shared.channel?.unref();
  }
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
