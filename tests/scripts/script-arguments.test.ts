import { describe, expect, it } from 'vitest';
import { runScript } from './support/stand-ins.js';

/** What each says first of itself, and an argument that it does not take. */
const SCRIPTS = [
  ['add-first-api-key.sh', 'Puts a first API key', 'again'],
  ['build-image.sh', 'Builds the image', 'v1'],
  ['deploy.sh', 'Puts one image into all services', 'now'],
  ['deploy-manually.sh', 'Sets up a Google Cloud project', '--all'],
  ['prepare-google-cloud.sh', 'What an empty Google Cloud project needs', 'my-project'],
  ['smoke-test.sh', 'Asks the services whether they do their work', '--tag'],
  ['terraform.sh', 'Plans or applies terraform/', '-auto-approve'],
] as const;
const environment = { TERRAFORM_STATE_BUCKET: 'my-state', IMAGE: `seismo@sha256:${'a'.repeat(64)}` };

describe.concurrent('a script for Google Cloud', () => {
  it.each(SCRIPTS)('tells by --help what it does, and does nothing: %s', async (script, first) => {
    for (const args of [['--help'], ['apis', '-h']]) {
      const { code, output, commands } = await runScript(script, { args, environment });
      expect({ code, commands }).toEqual({ code: 0, commands: [] });
      expect(output.startsWith(first)).toBe(true);
      expect(output).toContain(`scripts/${script}`);
      expect(output).not.toMatch(/^#|set -euo/m);
    }
  });

  it.each(SCRIPTS)('refuses what it does not know before it does anything: %s', async (script, _, wrong) => {
    const args = [...(script === 'smoke-test.sh' ? ['candidate'] : []), wrong];
    const { code, output, commands } = await runScript(script, { args, environment });
    expect({ code, commands }).toEqual({ code: 2, commands: [] });
    expect(output).toBe(`${script}: "${wrong}" is not known; --help says what is\n`);
  });
});
