/** What the terminal can do and how we write to it. */

/** `seismo detect … | head` closes our output early: that is no failure, so end quietly. */
export function endOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (!outlivesOutput) process.exit(0);
    });
  }
}

let outlivesOutput = false;

/** From here on the process goes on when nobody reads its output: a server is not its terminal. */
export function surviveClosedPipe(): void {
  outlivesOutput = true;
}

/** Seconds since the process began, as people read them: `0.84`. */
export function secondsSinceStart(): string {
  return (performance.now() / 1000).toFixed(2);
}

export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`;
}
