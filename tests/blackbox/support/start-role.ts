import { addressOf, type RunningCommand, run } from './start-server.js';

const started: RunningCommand[] = [];

/** Starts the service of a role on Google Cloud as a process of its own, which listens on all addresses. */
export async function startRole(
  role: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ command: RunningCommand; url: string }> {
  const command = run(['serve', '--role', role, '--port', '0', '--log', 'gcp', ...args], env);
  started.push(command);
  const url = await addressOf(command);
  return { command, url: url.replace('//0.0.0.0:', '//127.0.0.1:') };
}

/** kill -9 for what a test has left behind, as one does that fails. */
export async function endRoles(): Promise<void> {
  for (const { process, ended } of started.splice(0)) {
    process.kill('SIGKILL');
    await ended;
  }
}
