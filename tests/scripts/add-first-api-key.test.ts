import { describe, expect, it } from 'vitest';
import { runScript } from './support/stand-ins.js';

const NO_KEY = [{ match: 'secrets versions describe latest', exit: 1 }];
const SECRET = 'seismo-api-keys';

describe.concurrent('the first API key', () => {
  it('is made where there is none, may write, and differs each time', async () => {
    const outcomes = await Promise.all(
      [1, 2].map(() => runScript('add-first-api-key.sh', { rules: NO_KEY })),
    );
    for (const { code, output, calls, piped } of outcomes) {
      expect(code, output).toBe(0);
      expect(calls.at(-1)).toBe(`gcloud secrets versions add ${SECRET} --data-file=-`);
      expect(piped).toEqual([expect.stringMatching(/^write:[0-9a-f]{48}$/)]);
    }
    expect(outcomes[0]!.piped).not.toEqual(outcomes[1]!.piped);
  });

  it('is shown nowhere; how to see it is', async () => {
    const { output, calls, piped } = await runScript('add-first-api-key.sh', { rules: NO_KEY });
    expect(output + calls.join('\n')).not.toContain(piped[0]!.slice('write:'.length));
    expect(output).toContain(`gcloud secrets versions access latest --secret=${SECRET} --project=my-project`);
  });

  it('is left alone where there is one', async () => {
    const { code, output, calls } = await runScript('add-first-api-key.sh');
    expect(code, output).toBe(0);
    expect(calls).toEqual([`gcloud secrets versions describe latest --secret=${SECRET}`]);
  });

  it('stops whoever called when it cannot be added', async () => {
    const rules = [...NO_KEY, { match: 'secrets versions add', exit: 1, stderr: 'PERMISSION_DENIED' }];
    const { code, output } = await runScript('add-first-api-key.sh', { rules });
    expect(code).not.toBe(0);
    expect(output).toContain('PERMISSION_DENIED');
  });
});
