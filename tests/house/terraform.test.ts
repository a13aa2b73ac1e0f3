import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BASIC_ROLES, GOOGLE_ROLES } from './google-roles.js';
import { FILES, ROOT } from './repository.js';

// What neither the provider nor terraform test sees; scripts/check-terraform.sh runs both.

const terraform = FILES.filter(({ path }) => path.startsWith('terraform/'));
const configuration = terraform.filter(({ path }) => path.endsWith('.tf'));
const withoutComments = configuration.map(({ path, text }) => ({
  path,
  text: text.replace(/^\s*#.*$/gm, ''),
}));
const all = withoutComments.map(({ text }) => text).join('\n');
const read = (path: string) => FILES.find((file) => file.path === path)?.text ?? '';

/** `path: found` of each place that matches in the configuration. */
const places = (pattern: RegExp) =>
  withoutComments.flatMap(({ path, text }) =>
    (text.match(pattern) ?? []).map((found) => `${path}: ${found.trim()}`),
  );

it('the configuration was found', () => {
  expect(configuration.length).toBeGreaterThan(40);
});

describe('rights', () => {
  it('are given by roles that exist', () => {
    const named = FILES.filter(({ path }) => /^(terraform|scripts|docs)\//.test(path)).flatMap(
      ({ path, text }) =>
        (text.match(/(?<![/\w])roles\/[a-z]+(\.[a-zA-Z]+)?\b/g) ?? []).map((role) => ({ path, role })),
    );
    expect(named.length).toBeGreaterThan(30);
    const unknown = named.filter(({ role }) => !GOOGLE_ROLES.has(role) && !BASIC_ROLES.includes(role));
    expect(unknown).toEqual([]);
  });

  it('are never the basic ones, which reach every resource of the project', () => {
    expect(places(/roles\/(owner|editor|viewer)\b/g)).toEqual([]);
  });

  it('are added, so that none that others granted is taken away', () => {
    expect(places(/resource "google_\w+_iam_(binding|policy|audit_config)"/g)).toEqual([]);
    expect(places(/resource "google_\w+_iam_member"/g).length).toBeGreaterThan(8);
  });

  it('are given to everybody in one place only, which processmetrics does not use', () => {
    expect(places(/"all(Authenticated)?Users"/g)).toEqual(['terraform/iam.tf: "allUsers"']);
    expect(places(/local\.everybody/g)).toHaveLength(2);
    const [, processmetrics] =
      /^ {6}processmetrics = merge\(([\s\S]*?)^ {6}\}\)/m.exec(read('terraform/iam.tf')) ?? [];
    expect(processmetrics).toContain('roles/run.invoker');
    expect(processmetrics?.replace(/#.*/g, '')).not.toContain('everybody');
  });

  it('all stand in the table of docs/terraform.md', () => {
    const granted = new Set(all.match(/roles\/[a-z]+\.[a-zA-Z]+/g));
    const table = read('docs/terraform.md').split('## Accounts and rights')[1]?.split('###')[0] ?? '';
    for (const role of granted) expect(table).toContain(role);
  });

  it('need no key of an account', () => {
    expect(places(/google_service_account_key/g)).toEqual([]);
  });
});

describe('values that only an apply would refuse', () => {
  it('are durations in seconds', () => {
    const names =
      'duration|period|timeout|ttl|auto_close|older_than|alignment_period|attempt_deadline|\\w+_backoff(_duration)?|' +
      'message_retention_duration|evaluation_interval';
    const durations = [...all.matchAll(new RegExp(`^\\s*(?:${names})\\s*=\\s*"(?<value>[^"\\n]*)"`, 'gm'))];
    expect(durations.length).toBeGreaterThan(12);
    const wrong = durations.filter(({ groups }) => !/^(\d+s|\$\{[^}]+\}s|)$/.test(groups?.value ?? 'none'));
    expect(wrong.map(([line]) => line.trim())).toEqual([]);
  });

  it('are the APIs of everything that is made', () => {
    const apis =
      'run bigquery bigquerystorage pubsub artifactregistry cloudscheduler secretmanager iam monitoring logging';
    for (const api of apis.split(' ')) {
      expect(read('terraform/main.tf')).toContain(`"${api}.googleapis.com"`);
    }
    expect(all).not.toContain('cloudfunctions');
  });
});

it('scripts that an apply runs or names are here and may be run', () => {
  const called = new Set(all.match(/scripts\/[\w/-]+\.\w+/g));
  expect(called).toContain('scripts/add-first-api-key.sh');
  for (const script of called) accessSync(join(ROOT, script), constants.X_OK);
});

describe('alerts', () => {
  const rules = [...read('terraform/modules/monitoring/alerts.yaml').matchAll(/- alert: (\w+)/g)].map(
    ([, name]) => name,
  );
  const others = ['AnomalyFound', 'RoundFailed', 'ServiceDown'];
  const alerts = [...rules, ...others].sort();

  it('say what to do, each in a file of its own', () => {
    const runbook = terraform.flatMap(({ path }) => /runbook\/(\w+)\.md$/.exec(path)?.[1] ?? []).sort();
    expect(runbook).toEqual(alerts);
    for (const name of runbook) {
      expect(read(`terraform/modules/monitoring/runbook/${name}.md`)).toMatch(
        /^# .+\n[\s\S]*\nWhen: .+\n\n## What to do\n\n1\. /,
      );
    }
  });

  it('stand in the table of docs/terraform.md', () => {
    const listed = [...read('docs/terraform.md').matchAll(/^\| (\w+) \|.*runbook\/(\w+)\.md/gm)];
    expect(listed.map(([, name]) => name).sort()).toEqual(alerts);
    for (const [, name, file] of listed) expect(file).toBe(name);
  });

  it('are tried on made-up series, and shown to fire', () => {
    const tests = read('terraform/modules/monitoring/alerts.test.yaml');
    const firing = [...tests.matchAll(/alertname: (\w+)\n\s+exp_alerts: \[\{/g)].map(([, name]) => name);
    expect([...new Set(firing)].sort()).toEqual([...rules].sort());
  });
});

describe('log entries that metrics and alerts look for', () => {
  const server = FILES.filter(({ path }) => /^packages\/server\/src\/.*(?<!\.test)\.ts$/.test(path));
  const written = server.map(({ text }) => text).join('\n');
  const monitoring = withoutComments.filter(({ path }) => path.startsWith('terraform/modules/monitoring/'));
  const looked = monitoring.map(({ text }) => text).join('\n');

  it('are written by the services', () => {
    const events = new Set(looked.match(/(?<=event=\(?\\"|OR \\")[a-z_]+(?=\\")/g));
    expect([...events].sort()).toEqual([
      'anomaly',
      'dead_letter',
      'detect_failed',
      'detect_finished',
      'samples_stored',
      'train_failed',
      'train_finished',
    ]);
    for (const event of events) {
      // Training and detection put the name together.
      const [, ending] = /^(?:train|detect)(_\w+)$/.exec(event) ?? [];
      expect(written).toMatch(ending ? new RegExp(`event: .*${ending}`) : new RegExp(`event: '${event}'`));
    }
  });

  it('carry the fields that metrics read out of them', () => {
    for (const field of ['samples', 'modelAgeSeconds', 'reason']) {
      expect(looked).toContain(`"${field}"`);
      expect(written).toMatch(new RegExp(`\\b${field}\\b[:,]`));
    }
  });
});

describe('the tables', () => {
  it('are written in the migrations so that Terraform can read every column', () => {
    const migrations = FILES.filter(({ path }) => /^sql\/migrations\/.*\.sql$/.test(path)).map(({ text }) =>
      text.replace(/^\s*--.*$/gm, ''),
    );
    const sql = migrations.join('\n');
    const created = sql.match(/CREATE TABLE/g) ?? [];
    // The expressions of terraform/modules/bigquery/migrations.tf.
    const tables = [
      ...sql.matchAll(
        /CREATE TABLE IF NOT EXISTS `metrics_dataset\.([a-z_]+)` \(\n([\s\S]*?)\n\)([\s\S]*?);\n/g,
      ),
    ];
    expect(tables).toHaveLength(created.length);
    expect(tables.length).toBeGreaterThan(5);
    const column =
      /^ +`?([a-z_]+)`? +([A-Z0-9]+)( NOT NULL)?(?: +OPTIONS ?\(description ?= ?['"](.*)['"]\))?,?$/;
    for (const [, name, columns = ''] of tables) {
      const unread = columns.split('\n').filter((line) => line.trim() !== '' && !column.test(line));
      expect(unread, name).toEqual([]);
    }
    const views = [
      ...sql.matchAll(/CREATE OR REPLACE VIEW `metrics_dataset\.([a-z_]+)`([\s\S]*?)\nAS\n([\s\S]*?);\n/g),
    ];
    expect(views).toHaveLength((sql.match(/CREATE (OR REPLACE )?VIEW/g) ?? []).length);
  });
});

describe('what checkov is told to leave out', () => {
  it('has its reason', () => {
    const lines = read('terraform/.checkov.yaml').split('\n');
    const skips = lines.filter((line) => /^\s+- CKV/.test(line));
    expect(skips.length).toBeGreaterThan(0);
    for (const skip of skips) {
      const above = lines
        .slice(0, lines.indexOf(skip))
        .reverse()
        .find((line) => !/^\s+- CKV/.test(line));
      expect(above).toMatch(/^\s+#.{20,}/);
    }
    expect(all).not.toMatch(/checkov:skip|tflint-ignore/);
  });
});

describe('names', () => {
  it('are those of the scripts', () => {
    const settings = read('scripts/google-cloud/settings.sh');
    for (const name of [
      'metrics',
      'metrics-dead-letter',
      'metrics-candidate',
      'metrics-push',
      'metrics_dataset',
      'seismo',
      'seismo-api-keys',
    ]) {
      expect(settings).toContain(`:-${name}}`);
      expect(all).toMatch(new RegExp(`"?\\b${name}"?\\b`));
    }
    for (const account of [
      'metrics-api',
      'processmetrics',
      'get-anomalies',
      'migrate',
      'pubsub-push',
      'scheduler',
      'deployer',
    ]) {
      expect(read('scripts/deploy-manually.sh')).toMatch(new RegExp(`readonly ACCOUNTS=.*\\b${account}\\b`));
      expect(read('terraform/iam.tf')).toMatch(new RegExp(`^ {4}${account} = \\{`, 'm'));
    }
  });
});
