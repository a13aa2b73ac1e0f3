import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../adapters/embedded/make-folder.js';

/** How far a replay got; kept until it is through, so that the same command goes on from there. */
export interface ReplayPosition {
  /** Last line of the file that the server has answered for. */
  readonly line: number;
  /** Added to every timestamp, ms; the same after a resume, so that no sample is stored at two times. */
  readonly shiftMs: number;
}

/** What makes two replays the same one: another file, server or naming begins anew. */
export interface ReplayIdentity {
  readonly path: string;
  readonly url: string;
  readonly as: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly shiftToNow: boolean;
}

/** The position in a file of the user's cache folder. All failures mean "cannot be resumed", never an end. */
export class ReplayProgress {
  readonly #path: string;
  #usable = true;

  constructor(identity: ReplayIdentity, folder: string = cacheFolder()) {
    const { size, mtimeMs } = statSync(identity.path);
    const whole = JSON.stringify([{ ...identity, path: realpathSync(identity.path) }, size, mtimeMs]);
    this.#path = join(folder, `${createHash('sha256').update(whole).digest('hex').slice(0, 32)}.json`);
  }

  read(): ReplayPosition | undefined {
    if (!existsSync(this.#path)) return undefined;
    try {
      const { line, shiftMs } = JSON.parse(readFileSync(this.#path, 'utf8')) as Partial<ReplayPosition>;
      if (!Number.isSafeInteger(line) || !Number.isSafeInteger(shiftMs)) return undefined;
      return { line: line as number, shiftMs: shiftMs as number };
    } catch {
      return undefined;
    }
  }

  write(position: ReplayPosition): void {
    if (!this.#usable) return;
    try {
      makeFolder(join(this.#path, '..'));
      const fresh = `${this.#path}.${process.pid}`;
      writeFileSync(fresh, JSON.stringify(position));
      renameSync(fresh, this.#path);
    } catch {
      this.#usable = false;
    }
  }

  clear(): void {
    rmSync(this.#path, { force: true });
  }
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'seismo', 'replay');
}
