import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Rule,
  type Service,
  type Services,
  STAND_IN_COMMAND,
  STAND_IN_TOOLS,
  StandIn,
} from './stand-in.js';

export type { Rule, Services } from './stand-in.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  /** In order, word by word. */
  readonly commands: readonly (readonly string[])[];
  /** The same, as `gcloud run deploy …` without the project and quietness that all have in common. */
  readonly calls: readonly string[];
  readonly services: Services;
  /** What was piped into commands, in order. */
  readonly piped: readonly string[];
}

/** What `running` gives a service as its image. */
export const IMAGE_BEFORE = 'us-central1-docker.pkg.dev/my-project/seismo/seismo:before';

/** A service that has been running, with these revisions and the traffic at the last. */
export function running(name: string, revisions = 1, environment: readonly string[] = []): Service {
  const names = Array.from({ length: revisions }, (_, index) => `${name}-0000${index + 1}-abc`);
  return {
    revisions: names.map((revision) => ({ revision, image: IMAGE_BEFORE })),
    traffic: { [names.at(-1)!]: 100 },
    tags: {},
    environment,
  };
}

/** Runs a script of scripts/ with stand-ins for the commands that would reach Google Cloud. */
export async function runScript(
  script: string,
  options: {
    args?: readonly string[];
    environment?: Readonly<Record<string, string>>;
    rules?: readonly Rule[];
    services?: Services;
  } = {},
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'seismo-scripts-'));
  const standIn = await StandIn.start(options.rules ?? [], options.services ?? {});
  try {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const tool of STAND_IN_TOOLS) writeFileSync(join(bin, tool), STAND_IN_COMMAND, { mode: 0o755 });
    const { code, output } = await run(script, options.args ?? [], {
      PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: folder,
      STAND_IN_PORT: String(standIn.port),
      PROJECT_ID: 'my-project',
      SMOKE_SECONDS: '0',
      SMOKE_PAUSE_SECONDS: '0',
      SMOKE_ATTEMPT_PAUSE_SECONDS: '0',
      ...options.environment,
    });
    const { commands, services, piped } = standIn;
    const calls = commands
      .map((words) => words.join(' '))
      .map((line) => line.replace(/ --project(_id)?=my-project| --quiet/g, ''));
    return { code, output, commands, calls, services, piped };
  } finally {
    standIn.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', [join(ROOT, 'scripts', script), ...args], { env, cwd: tmpdir() });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
