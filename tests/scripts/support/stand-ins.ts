import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const STAND_IN = fileURLToPath(new URL('./run-stand-in.js', import.meta.url));

/** What a command does instead of what it does by itself; the first rule that fits counts. */
export interface Rule {
  /** Regular expression over `gcloud --project=… run deploy …`. */
  readonly match: string;
  /** Written to the file that curl's --output names. */
  readonly body?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exit?: number;
  /** Only so often; without it always. */
  readonly times?: number;
  /** Signal for the script that called. */
  readonly killParent?: string;
}

export interface Service {
  readonly revisions: readonly { revision: string; image: string }[];
  readonly traffic: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly environment: readonly string[];
}
export type Services = Readonly<Record<string, Service>>;

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  /** In order, word by word. */
  readonly commands: readonly (readonly string[])[];
  /** The same, as `gcloud run deploy …` without the project and quietness that all have in common. */
  readonly calls: readonly string[];
  readonly services: Services;
  /** What was last piped into a command. */
  readonly piped: string;
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
  try {
    for (const name of ['calls', 'piped']) writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'rules.json'), JSON.stringify(options.rules ?? []));
    writeFileSync(join(folder, 'services.json'), JSON.stringify(options.services ?? {}));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    // The stand-ins are modules wherever they lie.
    writeFileSync(join(bin, 'package.json'), '{"type":"module"}');
    for (const tool of ['gcloud', 'docker', 'bq', 'curl', 'terraform']) {
      copyFileSync(STAND_IN, join(bin, tool));
      chmodSync(join(bin, tool), 0o755);
    }
    const { code, output } = await run(script, options.args ?? [], {
      PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: folder,
      STAND_IN: folder,
      PROJECT_ID: 'my-project',
      SMOKE_SECONDS: '0',
      SMOKE_PAUSE_SECONDS: '0',
      SMOKE_ATTEMPT_PAUSE_SECONDS: '0',
      ...options.environment,
    });
    const commands = readFileSync(join(folder, 'calls'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as string[]);
    const calls = commands
      .map((words) => words.join(' '))
      .map((line) => line.replace(/ --project(_id)?=my-project| --quiet/g, ''));
    const services = JSON.parse(readFileSync(join(folder, 'services.json'), 'utf8')) as Services;
    const piped = readFileSync(join(folder, 'piped'), 'utf8');
    return { code, output, commands, calls, services, piped };
  } finally {
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
