import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { SUPPORT } from './repository.js';

const GUARD = join(SUPPORT, 'run-guard.js');
/** Far more than anything takes to start, for machines that do other work meanwhile. */
const START_MS_MAX = 120_000;
const OUTPUT_CHARACTERS_MAX = 1_000_000;

export interface GuardedProcess {
  /** Standard output and error so far, the newest million characters. */
  output(): string;
  readonly running: boolean;
  /** Undefined until it has started. */
  commandPid(): number | undefined;
  /** 128 + signal when it was ended by one. */
  readonly ended: Promise<number>;
  /** To the command and everything it started. */
  signal(name: NodeJS.Signals): void;
  /** kill -9, then waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<number>;
  /** Waits until `look` finds something; rejects with the output when the command ends first. */
  until<T>(look: (output: string) => T | undefined | Promise<T | undefined>): Promise<T>;
}

/** A process that ends, with everything it started, when this one ends, in whatever way. */
export function startGuarded(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): GuardedProcess {
  const child: ChildProcess = spawn(process.execPath, [GUARD, command, ...args], {
    env: env as NodeJS.ProcessEnv,
    // The fourth tells the number of the command's process.
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // An interrupt at the terminal must not reach the guard before its orders do.
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
    });
  }
  let pid = '';
  (child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => {
    pid += text;
  });
  // Orders to a guard that has just ended.
  child.stdin!.on('error', () => undefined);
  let running = true;
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code) => {
      running = false;
      resolve(code ?? 1);
    });
  });
  const signal = (name: NodeJS.Signals) => void child.stdin!.write(`${name}\n`);
  return {
    output: () => output,
    get running() {
      return running;
    },
    ended,
    commandPid: () => (pid === '' ? undefined : Number(pid)),
    signal,
    async kill() {
      signal('SIGKILL');
      await ended;
    },
    stop() {
      signal('SIGTERM');
      return ended;
    },
    async until(look) {
      const deadline = Date.now() + START_MS_MAX;
      while (running && Date.now() < deadline) {
        const found = await look(output);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`${command} ${running ? 'took too long' : 'ended'}:\n${output.slice(-4000)}`);
    },
  };
}
