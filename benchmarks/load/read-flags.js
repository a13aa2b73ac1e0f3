import { basename } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

/** Where the server of a benchmark runs; its variables are read where it is started. */
export const SERVER_FLAGS = {
  serverCpus: { tells: 'cores to keep the server to, such as 0,1', default: '' },
  serverArgs: { tells: 'flags for the Node that runs the server, such as --cpu-prof', default: '' },
};

/**
 * The settings of a benchmark, by flag or by the environment variable of the same name (`--many-series`,
 * `MANY_SERIES`); the flag wins. Prints help for `--help`, and ends with 2 on anything that is not known or is no
 * number where the default is one.
 * @template {Record<string, { default: string | number, tells: string, variable?: string }>} Settings
 * @param {string} about what the benchmark measures, one line
 * @param {Settings} settings
 * @returns {{ [Name in keyof Settings]: Settings[Name]['default'] }}
 */
export function readFlags(about, settings) {
  const known = Object.entries(settings).map(([name, setting]) => ({
    name,
    flag: name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    variable: setting.variable ?? name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
    ...setting,
  }));
  try {
    const options = Object.fromEntries(known.map(({ flag }) => [flag, { type: 'string' }]));
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } });
    if (values.help) {
      console.log(helpText(about, known));
      process.exit(0);
    }
    return Object.fromEntries(known.map((setting) => [setting.name, textOrNumber(setting, values)]));
  } catch (error) {
    const hint = known.map(({ flag }) => `--${flag}`).join(', ') || 'none but --help';
    console.error(`${error.message.split('. ')[0].replace(/\.$/, '')}. Flags: ${hint}.`);
    process.exit(2);
  }
}

function textOrNumber(setting, values) {
  const { flag, variable } = setting;
  const text = values[flag] ?? process.env[variable];
  if (text === undefined || text === '') return setting.default;
  const isNumber = typeof setting.default === 'number';
  if (isNumber && !(Number(text) >= 0))
    throw new Error(`--${flag} (${variable}) must be a number, not ${text}`);
  // What starts the server, and the processes that make load, read it there.
  process.env[variable] = text;
  return isNumber ? Number(text) : text;
}

function helpText(about, known) {
  const lines = known.map(({ flag, variable, tells, default: usual }) => {
    const start = `  --${flag} <${typeof usual === 'number' ? 'number' : 'text'}>`.padEnd(26);
    return `${start} ${tells} (${variable}${usual === '' ? '' : `; default ${usual}`})`;
  });
  const usage = `Usage: node benchmarks/${basename(process.argv[1] ?? '')}${known.length > 0 ? ' [flags]' : ''}`;
  return [usage, '', about, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
}
