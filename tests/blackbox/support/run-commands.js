// Runs one command after the other in one process, as a person's shell would run each in a process of its own: the
// code is loaded once. A message is { args, env, cwd }, its answer { code, stdout, stderr }.
import process from 'node:process';
import { main } from '@seismo/server/main';

// Every command listens to the streams and to signals, and leaves that to the end of its process.
for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);

/** What is written until the next call. */
function collect(stream) {
  let text = '';
  stream.write = (chunk, encoding, done) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    (typeof encoding === 'function' ? encoding : done)?.();
    return true;
  };
  return () => {
    const all = text;
    text = '';
    return all;
  };
}
const stdout = collect(process.stdout);
const stderr = collect(process.stderr);

let isRunning = false;
// A command's process ends with it; what one left behind here fails or speaks late, and is nobody's.
process.on('uncaughtException', (error) => {
  if (!isRunning) return;
  console.error(error);
  process.send({ code: 1, stdout: stdout(), stderr: stderr() }, () => process.exit(1));
});
const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

process.on('message', async ({ args, env, cwd }) => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.exitCode = undefined;
  stdout();
  stderr();
  isRunning = true;
  const code = await main(args);
  isRunning = false;
  const answer = { code, stdout: stdout(), stderr: stderr() };
  await settled();
  process.send(answer);
});
process.on('disconnect', () => process.exit());
