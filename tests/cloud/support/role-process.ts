import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GuardedProcess, startGuarded } from './guarded-process.js';
import { REPOSITORY } from './repository.js';

const ENTRY = join(REPOSITORY, 'bin/seismo.js');

/** The service of a role: a process of its own of the image's entry point, which keeps its address over restarts. */
export class RoleProcess {
  readonly url: string;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string | undefined>>;
  #process: GuardedProcess | undefined;
  #earlierOutput = '';

  constructor(
    role: string,
    port: number,
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.#args = [ENTRY, 'serve', '--role', role, '--host', '127.0.0.1', '--port', `${port}`, ...args];
    this.#env = { ...environmentOfOthers(), ...env };
  }

  /** Starts it and waits until it is ready. */
  async start(): Promise<this> {
    const started = startGuarded(process.execPath, this.#args, this.#env);
    this.#process = started;
    await started.until(async () => {
      const answer = await fetch(`${this.url}/ready`).catch(() => undefined);
      await answer?.arrayBuffer();
      return answer?.ok ? true : undefined;
    });
    return this;
  }

  /** kill -9, and waits for the end. */
  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#keepOutput();
  }

  /** SIGTERM; gives the exit code. */
  async stop(): Promise<number | undefined> {
    if (this.#process?.running !== true) return undefined;
    const code = await this.#process.stop();
    this.#keepOutput();
    return code;
  }

  /** Resident memory; 0 where the system does not tell. */
  memoryMiB(): number {
    const [, kiB = '0'] = /VmRSS:\s+(\d+)/.exec(this.#ofSystem('status')) ?? [];
    return Number(kiB) / 1024;
  }

  /** User and system time so far; NaN where the system does not tell. */
  cpuSeconds(): number {
    const fields = this.#ofSystem('stat').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  #ofSystem(file: string): string {
    const path = `/proc/${this.#process?.commandPid() ?? 'none'}/${file}`;
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Output of all starts. */
  output(): string {
    return this.#earlierOutput + (this.#process?.output() ?? '');
  }

  /** Its log lines of that event. */
  events(event: string): Record<string, unknown>[] {
    return this.output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes(`"${event}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line.event === event);
  }

  #keepOutput(): void {
    this.#earlierOutput += this.#process?.output() ?? '';
    this.#process = undefined;
  }
}

/** Runs a command of the entry point to its end; rejects with its output unless it ended with 0. */
export async function runEntry(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const command = startGuarded(process.execPath, [ENTRY, ...args], { ...environmentOfOthers(), ...env });
  const code = await command.ended;
  if (code !== 0) throw new Error(`seismo ${args.join(' ')} ended with ${code}:\n${command.output()}`);
  return command.output();
}

/** This process's, without what is ours or Google's: a developer's settings must not reach a test. */
function environmentOfOthers(): Record<string, string | undefined> {
  const ours = /^(SEISMO_|GOOGLE_|GCLOUD_|CLOUDSDK_|K_|CLOUD_RUN_)|_EMULATOR_HOST$|^PORT$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
