import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Rule, runScript } from './support/stand-ins.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/prepare-google-cloud.sh', import.meta.url));

const prepare = (environment: Readonly<Record<string, string>> = {}, rules: readonly Rule[] = []) =>
  runScript('prepare-google-cloud.sh', { environment, rules });

describe.concurrent('what comes before the first terraform apply', () => {
  it('enables what Terraform enables the rest with, then asks for the accounts that it gives rights to', async () => {
    const { code, calls, output } = await prepare();
    expect(code, output).toBe(0);
    expect(calls).toEqual([
      expect.stringMatching(
        /^gcloud services enable .*serviceusage.*cloudresourcemanager.*pubsub.*monitoring/,
      ),
      'gcloud beta services identity create --service=pubsub.googleapis.com',
      'gcloud beta services identity create --service=monitoring.googleapis.com',
      expect.stringMatching(/^gcloud projects describe /),
      expect.stringMatching(
        /^gcloud projects add-iam-policy-binding .*roles\/monitoring.notificationServiceAgent .*service-\d+@gcp-sa-monitoring-notification/,
      ),
    ]);
  });

  it('makes a bucket for the state when one is named, not open to the public and with versions', async () => {
    const missing = [{ match: 'storage buckets describe', exit: 1 }];
    const { code, calls } = await prepare({ STATE_BUCKET: 'my-state' }, missing);
    expect(code).toBe(0);
    const buckets = calls.filter((call) => call.includes('storage buckets'));
    expect(buckets).toHaveLength(3);
    expect(buckets[1]).toMatch(/create gs:\/\/my-state .*--public-access-prevention/);
    expect(buckets[2]).toBe('gcloud storage buckets update gs://my-state --versioning');
  });

  it('leaves a bucket that is there', async () => {
    const { calls } = await prepare({ STATE_BUCKET: 'my-state' });
    expect(calls.filter((call) => call.includes('buckets create'))).toEqual([]);
  });

  it('fails without the account of Pub/Sub, and goes on without that of Cloud Monitoring', async () => {
    const without = (service: string) =>
      prepare({}, [{ match: `identity create --service=${service}`, exit: 1 }]);
    expect((await without('pubsub')).code).not.toBe(0);
    const monitoring = await without('monitoring');
    expect(monitoring.code).toBe(0);
    expect(monitoring.output).toContain('uptime_checks = false');
  });

  it('says which project it needs', async () => {
    const { code, output, calls } = await prepare({ PROJECT_ID: 'My Project' });
    expect(code).toBe(1);
    expect(output).toBe(
      'prepare-google-cloud.sh: set PROJECT_ID to the id of a Google Cloud project (gcloud projects list), not "My Project"\n',
    );
    expect(calls).toEqual([]);
    expect((await prepare({ PROJECT_ID: '' })).output).toMatch(/\(gcloud projects list\)\n$/);
  });

  it('says what is not installed, and where to get it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'seismo-scripts-'));
    try {
      for (const tool of ['dirname', 'basename']) symlinkSync(`/usr/bin/${tool}`, join(folder, tool));
      const { status, stderr } = spawnSync('/bin/bash', [SCRIPT], {
        encoding: 'utf8',
        env: { PATH: folder, PROJECT_ID: 'my-project' },
      });
      expect(status).toBe(1);
      expect(stderr).toBe(
        'prepare-google-cloud.sh: gcloud is not installed: https://cloud.google.com/sdk/docs/install\n',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
