import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createProgram } from '@seismo/server/cli/program';
import { SETTINGS } from '@seismo/server/cli/settings';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, runToEnd } from './support/start-server.js';

const COMMANDS = createProgram().commands.map((command) => command.name());

describe('help', () => {
  it.each([[['--help']], [['-h']], [['help']], [[]]])(
    'of `seismo %j` goes to standard output and names every command',
    async (args) => {
      const { code, stdout, stderr } = await runToEnd(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    },
  );

  it.each(COMMANDS)('of %s has an example and no colour', async (command) => {
    const { code, stdout, stderr } = await runToEnd([command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`Examples?:\\n(.*\\n)*?  \\$ .*seismo ${command}`));
    expect(stdout).not.toContain('\x1b');
  });

  it('of serve names every flag with its variable', async () => {
    const { stdout } = await runToEnd(['help', 'serve']);
    const text = stdout.replace(/\s+/g, ' ');
    for (const { flag, variables } of SETTINGS) {
      expect(text).toContain(flag);
      expect(text).toContain(`(${variables.join(', ')};`);
    }
  });
});

describe('the command line refuses', () => {
  it.each([
    [['serv'], "Unknown command 'serv'", 'Did you mean serve?'],
    [['help', 'repla'], "Unknown command 'repla'", 'Did you mean replay?'],
    [['serve', '--prot', '1'], "Unknown option '--prot'", 'Did you mean --port?'],
    [['check', '--prot', '1'], "Unknown option '--prot'", 'Did you mean --port?'],
    [['--versio'], "Unknown option '--versio'", 'Did you mean --version?'],
    [['--port', '9000'], 'No command stands before --port.', 'after their command: seismo serve --port'],
    [['--label=a=b', 'replay', 'x.csv'], 'No command stands before --label.', 'seismo replay --label'],
    [['serve', '--port'], "Option '--port <number>' argument missing", '--help'],
    [['serve', 'now'], "Too many arguments for 'serve'", '--help'],
    [['replay'], "Missing required argument 'file'", '--help'],
    [['serve', '--port', '99999'], '--port must be a whole number from 0 to 65535, not "99999"', ''],
  ])('%j with a sentence, a hint and 2', async (args, sentence, hint) => {
    const { code, stdout, stderr } = await runToEnd(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const [first, second = ''] = stderr.split('\n');
    expect(first).toContain(`error: ${sentence}`);
    if (hint !== '') expect(second).toMatch(/^hint: /);
    expect(second).toContain(hint);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it('an environment variable that does not exist', async () => {
    const { code, stderr } = await runToEnd(['serve'], { SEISMO_DATTA: 'x' });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: Unknown environment variable SEISMO_DATTA.\nhint: Did you mean SEISMO_DATA?\n',
    );
  });

  it('in JSON where the log is JSON, with the stack', async () => {
    const { code, stderr } = await runToEnd(['serve', '--log', 'json', '--port', 'x']);
    expect(code).toBe(2);
    const record = JSON.parse(stderr) as Record<string, string>;
    expect(record).toMatchObject({ level: 'fatal', code: 'usage', field: '--port' });
    expect(record.stack).toContain('    at ');
  });
});

it('prints its version', async () => {
  expect((await runToEnd(['--version'])).stdout).toMatch(/^seismo \d+\.\d+\.\d+\n$/);
});

it('ends quietly when its output is closed early', async () => {
  const script = '"$0" tests/blackbox/support/run-main.js serve --help | head -n 1';
  const shell = spawn('bash', ['-c', `set -o pipefail; ${script}`, process.execPath], { cwd: REPOSITORY });
  let stderr = '';
  shell.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(shell, 'close');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
