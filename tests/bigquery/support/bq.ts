import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from './sql-server.js';

export interface BqAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command `bq` of the Google Cloud SDK, as a user would call it, with a home of its own. */
export class Bq {
  readonly #home = mkdtempSync(join(tmpdir(), 'seismo-bq-'));
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token = 'any') {
    this.#url = url;
    this.#token = token;
  }

  run(...args: readonly string[]): Promise<BqAnswer> {
    const flags = [`--api=${this.#url}`, `--project_id=${PROJECT}`, `--oauth_access_token=${this.#token}`];
    const child = spawn('bq', [...flags, ...args], {
      env: {
        ...process.env,
        HOME: this.#home,
        CLOUDSDK_CONFIG: this.#home,
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** What it prints; fails where it fails. */
  async say(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`bq ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** What it prints with --format=json. */
  async json(...args: readonly string[]): Promise<unknown> {
    const said = await this.say('--format=json', '--quiet', ...args);
    return said.trim() === '' ? [] : JSON.parse(said);
  }

  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
