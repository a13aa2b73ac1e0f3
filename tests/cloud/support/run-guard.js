/**
 * `run-guard.js COMMAND ARGS`: runs a command as a group of its own and takes its orders from standard input, one
 * name of a signal a line. When standard input ends, because whoever started it has ended in whatever way, kill -9
 * too, the whole group is killed. So no emulator outlives its test. Tells the command's number by descriptor 3.
 */
import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });

// Nobody may be listening.
try {
  writeSync(3, String(child.pid));
  closeSync(3);
} catch {}

function signal(name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group is gone already.
  }
}

child.once('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.once('exit', (code, name) => {
  // What the command leaves behind in its group goes with it.
  signal('SIGKILL');
  process.exit(code ?? (name === 'SIGKILL' ? 137 : 143));
});

const orders = createInterface({ input: process.stdin });
orders.on('line', signal);
orders.on('close', () => signal('SIGKILL'));
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => signal('SIGKILL'));
