import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { applicationErrorOf } from './print-error.js';
import type { SqlClient } from './sql-client.js';
import { isBlankInput, isWholeInput } from './sql-input.js';
import type { SqlFormat } from './sql-rows.js';
import { placeOf, runAndShow } from './sql-show.js';

export interface SqlPromptOptions {
  readonly client: SqlClient;
  readonly format: SqlFormat;
  readonly input: Readable;
  readonly output: Writable;
  readonly messages: Writable;
  /** Statements of former times, newest first. */
  readonly history: readonly string[];
}

const HISTORY_FILE = join(homedir(), '.seismo_sql_history');
const HISTORY_MAX = 1000;
const FIRST = 'seismo> ';
const NEXT = '     -> ';

const HELP = `\\q, exit or Ctrl-D  leave
\\c or Ctrl-C        forget what was typed, or cancel what runs
\\g                  run what was typed as it is
\\?                  this help
A statement ends with ; and may take several lines. DECLARE and SET wait for the statement that uses them.
`;

/** Asks on the terminal until the user leaves; remembers statements for the next time. */
export async function promptOnTerminal(client: SqlClient, format: SqlFormat): Promise<void> {
  await client.greet();
  const prompt = new SqlPrompt({
    client,
    format,
    input: process.stdin,
    output: process.stdout,
    messages: process.stderr,
    history: readHistory(),
  });
  writeHistory(await prompt.toTheEnd());
}

/** Statements line by line, each run when it is whole. */
export class SqlPrompt {
  readonly #options: SqlPromptOptions;
  readonly #readline: Interface;
  /** What came and was not looked at yet. */
  readonly #waiting: string[] = [];
  #typed: string[] = [];
  #running: AbortController | undefined;
  #working = Promise.resolve();
  #left = false;
  /** Readline's own, newest first. */
  #history: string[];

  constructor(options: SqlPromptOptions) {
    const { input, output, history } = options;
    this.#options = options;
    this.#history = [...history];
    this.#readline = createInterface({
      input,
      output,
      terminal: true,
      prompt: FIRST,
      history: this.#history,
      historySize: HISTORY_MAX,
      removeHistoryDuplicates: true,
    });
  }

  /** Resolves when the user has left, with the statements that are remembered. */
  async toTheEnd(): Promise<readonly string[]> {
    const { client, output } = this.#options;
    const readline = this.#readline;
    output.write(`BigQuery's SQL at ${client.place}. A statement ends with ; – \\? helps, \\q leaves.\n`);
    readline.on('history', (history) => {
      this.#history = history;
    });
    readline.on('line', (line) => this.#take(line));
    readline.on('SIGINT', () => this.#interrupt());
    const closed = new Promise<void>((resolve) => readline.once('close', resolve));
    readline.prompt();
    await closed;
    this.#running?.abort();
    await this.#working;
    if (!this.#left) output.write('\n');
    return this.#history;
  }

  #take(line: string): void {
    this.#waiting.push(line);
    if (this.#waiting.length === 1) this.#working = this.#work();
  }

  /** Lines that come while a statement runs wait for it. */
  async #work(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#left) {
      await this.#handle(this.#waiting[0]!);
      this.#waiting.shift();
    }
    if (this.#left) return;
    this.#readline.setPrompt(this.#typed.length === 0 ? FIRST : NEXT);
    this.#readline.prompt();
  }

  async #handle(line: string): Promise<void> {
    const command = line.trim();
    const isNew = this.#typed.length === 0;
    if (command === '\\q' || (isNew && /^(?:exit|quit);?$/i.test(command))) {
      this.#left = true;
      this.#readline.close();
    } else if (command === '\\?') this.#options.output.write(HELP);
    else if (command === '\\c') this.#typed = [];
    else if (command === '\\g') await this.#runTyped();
    else if (/^\\/.test(command)) this.#say(`There is no ${command}; \\? tells what there is.`);
    else {
      this.#typed.push(line);
      const text = this.#typed.join('\n');
      if (isBlankInput(text)) this.#typed = [];
      else if (isWholeInput(text)) await this.#runTyped();
    }
  }

  async #runTyped(): Promise<void> {
    const sql = this.#typed.join('\n');
    this.#remember(sql);
    this.#typed = [];
    if (isBlankInput(sql)) return;
    const { client, format, output, messages } = this.#options;
    const running = new AbortController();
    this.#running = running;
    try {
      await runAndShow(client, sql, { format, output, messages }, running.signal);
    } catch (thrown) {
      if (running.signal.aborted) this.#say('Cancelled.');
      else this.#sayError(thrown, sql);
    } finally {
      this.#running = undefined;
    }
  }

  #interrupt(): void {
    if (this.#running !== undefined) {
      this.#waiting.length = 1;
      this.#running.abort();
      return;
    }
    this.#typed = [];
    this.#options.output.write('^C\n');
    // What stands in the line is no part of the next one.
    this.#readline.write(null, { ctrl: true, name: 'e' });
    this.#readline.write(null, { ctrl: true, name: 'u' });
    this.#readline.setPrompt(FIRST);
    this.#readline.prompt();
  }

  /** A statement of several lines is one entry; comments that end with their line keep it in several. */
  #remember(sql: string): void {
    const lines = this.#typed.filter((line) => line.trim() !== '');
    if (lines.length < 2 || /--|#/.test(sql)) return;
    // Lines that were pasted behind it stand before it already.
    let place = this.#history.length;
    for (const line of lines) {
      const found = this.#history.indexOf(line);
      if (found === -1) continue;
      this.#history.splice(found, 1);
      place = Math.min(place, found);
    }
    this.#history.splice(place, 0, lines.map((line) => line.trim()).join(' '));
  }

  #sayError(thrown: unknown, sql: string): void {
    const error = applicationErrorOf(thrown);
    if (error === undefined) return;
    const place = placeOf(error.message, sql);
    if (place !== undefined) this.#say(place);
    this.#say(`error: ${error.message}`);
    if (error.hint !== undefined) this.#say(`hint: ${error.hint}`);
  }

  #say(text: string): void {
    this.#options.messages.write(`${text}\n`);
  }
}

function readHistory(): string[] {
  try {
    return readFileSync(HISTORY_FILE, 'utf8').split('\n').filter(Boolean);
  } catch {
    // None yet, or not to be read: then it begins anew.
    return [];
  }
}

/** Statements may hold what is nobody else's business. */
function writeHistory(history: readonly string[]): void {
  const lines = history.filter((line) => line.trim() !== '').slice(0, HISTORY_MAX);
  try {
    writeFileSync(HISTORY_FILE, `${lines.join('\n')}\n`, { mode: 0o600 });
  } catch {
    // A home that cannot be written remembers nothing, which is no reason to complain.
  }
}
