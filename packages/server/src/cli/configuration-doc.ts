import { SETTINGS } from './settings.js';

/** The text of docs/configuration.md, made of the table of settings. */
export function configurationDoc(): string {
  return `${INTRODUCTION}\n${TABLE_HEAD}\n${settingRows()}\n\n${REST}`;
}

function settingRows(): string {
  const rows = SETTINGS.map(({ flag, placeholder, variables, description, details, defaultText }) => {
    const flagText = `\`${flag}${placeholder === undefined ? '' : ` <${placeholder}>`}\``;
    const variablesText = variables.map((name) => `\`${name}\``).join(', ');
    const text = details === undefined ? description : `${description}; ${details}`;
    return `| ${flagText} | ${variablesText} | ${defaultText} | ${text} |`;
  });
  return rows.join('\n');
}

const TABLE_HEAD = '| flag | variable | default | what it does |\n|---|---|---|---|';

const INTRODUCTION = `# Configuration

Written by \`node scripts/write-configuration-doc.js\` from packages/server/src/cli/settings.ts; a test compares
the two.

Every setting of \`seismo serve\` and \`seismo check\` is a flag and an environment variable. The flag wins, then
the first variable of the list that is set, then the default; an empty variable counts as not set. A flag or a
\`SEISMO_\` variable that does not exist is refused, with the nearest right one named. Switches take no value as
a flag and \`true\` or \`false\` as a variable.
`;

const REST = `Durations are a number with \`s\`, \`m\`, \`h\`, \`d\` or \`w\`; sizes a number with \`MB\`, \`GB\`, \`MiB\`, \`GiB\` or alone in
bytes.

The commands that talk to a running server (\`replay\`, \`backup\`, \`import\`, and with \`--model\` \`train\`, \`forecast\`, \`detect\`,
\`explain\` and \`evaluate\`) read two more:

${TABLE_HEAD}
| \`--url <url>\` | \`SEISMO_URL\` | http://127.0.0.1:8080 | address of the running server |
| \`--api-key <key>\` | \`SEISMO_API_KEY\` | none | key of that server |
`;
