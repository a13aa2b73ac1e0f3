import { readFileSync } from 'node:fs';
import { SETTINGS } from '@seismo/server/cli/settings';
import { describe, expect, it } from 'vitest';
import { type Outcome, type Rule, runScript } from './support/stand-ins.js';

/** Nothing is there yet: whatever is looked for is not found. */
const EMPTY: readonly Rule[] = [
  { match: '^gcloud .*(accounts|topics|subscriptions|repositories|secrets|versions|jobs) describe', exit: 1 },
  { match: '^bq .*show', exit: 1 },
];

const NAME = 'us-central1-docker.pkg.dev/my-project/seismo/seismo';
const IMAGE = `${NAME}@sha256:${'d'.repeat(64)}`;
const PROCESSMETRICS = 'https://processmetrics-123456789012.us-central1.run.app';

const setUp = (args: readonly string[] = [], rules = EMPTY, environment = {}): Promise<Outcome> =>
  runScript('deploy-manually.sh', { args, rules, environment: { TAG: 'v1', ...environment } });

const of = ({ calls }: Outcome, pattern: RegExp) => calls.filter((call) => pattern.test(call));

describe.concurrent('the manual way', () => {
  it('sets up an empty project, deploys, and tests what it made', async () => {
    const outcome = await setUp();
    expect(outcome.code, outcome.output).toBe(0);
    const order = [
      /services enable .*run.*bigquery.*pubsub.*artifactregistry.*cloudscheduler.*secretmanager/,
      /service-accounts create processmetrics /,
      /pubsub topics create metrics /,
      /^bq .*--location=us-central1 mk --dataset .*my-project:metrics_dataset/,
      /artifacts repositories create seismo .*--repository-format=docker/,
      new RegExp(`^docker build .*-t ${NAME}:v1`),
      /run jobs execute migrate .*--wait/,
      new RegExp(
        `run deploy processmetrics --image=${IMAGE} --region=us-central1 .*--no-allow-unauthenticated`,
      ),
      /run deploy metrics-api/,
      new RegExp(
        `subscriptions create metrics-push --topic=metrics --push-endpoint=${PROCESSMETRICS}/pubsub/push`,
      ),
      new RegExp(`scheduler jobs create http detect-anomalies .*--uri=${PROCESSMETRICS}/jobs/detect`),
      /^curl .*https:\/\/metrics-api-xyz-uc.a.run.app\/metrics$/,
    ];
    const places = order.map((pattern) => outcome.calls.findIndex((call) => pattern.test(call)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(of(outcome, /docker push/)).toHaveLength(1);

    const instances = of(outcome, /run deploy/).map((call) => [
      call.split(' ')[3],
      /--max-instances=(\d+)/.exec(call)?.[1],
    ]);
    const text = readFileSync(new URL('../../terraform/services.tf', import.meta.url), 'utf8');
    const byTerraform = [...text.matchAll(/^ {4}([\w-]+) = \{$[\s\S]*?\bmax = (\d+)/gm)];
    expect(instances.sort()).toEqual(byTerraform.map(([, name, most]) => [name, most]).sort());
    expect(instances).toHaveLength(3);
  });

  it('lets nobody reach a service without an identity token, and processmetrics never', async () => {
    const closed = await setUp(['services']);
    expect(of(closed, /run deploy/)).toHaveLength(3);
    for (const call of of(closed, /run deploy/)) expect(call).toContain('--no-allow-unauthenticated');
    expect(closed.calls.join('\n')).not.toContain('allUsers');
    expect(
      of(closed, /run deploy (get-anomalies|metrics-api) .*SEISMO_AUTH=iam --clear-secrets/),
    ).toHaveLength(2);

    const open = await setUp(['services'], EMPTY, { PUBLIC_API: 'yes' });
    expect(open.code, open.output).toBe(0);
    expect(of(open, / --allow-unauthenticated/).map((call) => call.split(' ')[3])).toEqual([
      'get-anomalies',
      'metrics-api',
    ]);
    for (const call of of(open, / --allow-unauthenticated/)) {
      expect(call).toContain('--set-secrets=SEISMO_API_KEYS=seismo-api-keys:latest');
    }
    expect(of(open, /secrets versions add seismo-api-keys --data-file=-$/)).toHaveLength(1);
  });

  it('grants each account what it needs, on the smallest thing there is', async () => {
    const outcome = await setUp(['accounts', 'topics', 'dataset', 'services', 'subscription']);
    const grants = of(outcome, /add-iam-policy-binding|GRANT/).map((call) => call.replace(/\s+/g, ' '));
    const inProject = grants.filter((call) => call.includes('projects add-iam'));
    expect(inProject.map((call) => /member=serviceAccount:([\w-]+)@/.exec(call)?.[1])).toEqual([
      'processmetrics',
      'get-anomalies',
      'migrate',
    ]);
    for (const call of inProject) expect(call).toContain('--role=roles/bigquery.jobUser');
    expect(grants.join('\n')).not.toMatch(/roles\/(owner|editor|\w+\.admin)/);
    expect(grants.join('\n')).toMatch(
      /dataViewer` ON SCHEMA `my-project.metrics_dataset` TO 'serviceAccount:get-a/,
    );
    expect(grants.join('\n')).toContain(
      'service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com --role=roles/pubsub.subscriber',
    );
    expect(grants.join('\n')).toMatch(
      /service-accounts add-iam-policy-binding pubsub-push@\S+ --member=serviceAccount:service-123456789012@gcp-sa-pubsub\S+ --role=roles\/iam.serviceAccountTokenCreator/,
    );
  });

  it('leaves alone what is there', async () => {
    const outcome = await setUp(['accounts', 'topics', 'dataset', 'repository', 'subscription', 'jobs'], []);
    expect(outcome.code, outcome.output).toBe(0);
    expect(of(outcome, / (create|mk) /)).toEqual(of(outcome, /services identity create/));
  });

  it('stops at the first step that fails, and refuses a step that is none before doing anything', async () => {
    const failed = await setUp(
      ['topics', 'dataset'],
      [{ match: 'topics create metrics ', exit: 1 }, ...EMPTY],
    );
    expect(failed.code).not.toBe(0);
    expect(of(failed, /^bq/)).toEqual([]);
    const wrong = await setUp(['apis', 'tpoics']);
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toContain('there is no step "tpoics"');
    expect(wrong.calls).toEqual([]);
  });

  it('tries the smoke test again while rights are still on their way', async () => {
    const outcome = await setUp(
      ['services', 'smoke'],
      [{ match: 'print-identity-token', exit: 1, times: 2 }, ...EMPTY],
    );
    expect(outcome.code, outcome.output).toBe(0);
    expect(of(outcome, /print-identity-token/).length).toBeGreaterThan(3);
  });

  it('runs the statements of sql/ as they stand', async () => {
    const outcome = await setUp(['model']);
    expect(outcome.code, outcome.output).toBe(0);
    expect(of(outcome, /^bq/)).toEqual(Array(3).fill('bq query --use_legacy_sql=false'));
    const statements = ['train', 'evaluate', 'detect'].map((name) =>
      readFileSync(new URL(`../../sql/${name}-latency-anomalies.sql`, import.meta.url), 'utf8').trim(),
    );
    expect(outcome.piped).toEqual(statements);
  });

  it('is told in docs/google-cloud-manual.md command by command', () => {
    const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    const script = read('scripts/deploy-manually.sh');
    const told = read('docs/google-cloud-manual.md');
    const commands = [...script.matchAll(/^\s*(?:there [^|]*\|\| ?\n?\s*)?cloud ((?:[a-z][\w-]* ){2,4})/gm)];
    const kinds = new Set(commands.map(([, words]) => words!.trim().split(' ').slice(0, 3).join(' ')));
    expect(kinds.size).toBeGreaterThan(8);
    expect([...kinds].filter((kind) => !told.includes(`gcloud ${kind}`))).toEqual([]);
  });
});

describe('every variable that scripts, Terraform and image hand to a service', () => {
  it('is one that the service knows', async () => {
    const known = new Set(SETTINGS.flatMap(({ variables }) => variables));
    const outcome = await setUp(['services'], EMPTY, { PUBLIC_API: 'yes' });
    const handed = of(outcome, /run (jobs )?deploy/).flatMap((call) => call.match(/SEISMO_\w+(?==)/g) ?? []);
    expect(handed).toContain('SEISMO_PUSH_AUDIENCE');
    for (const path of ['terraform/services.tf', 'cloud_run/Dockerfile']) {
      const named =
        readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8').match(/SEISMO_\w+/g) ?? [];
      expect(named.length, path).toBeGreaterThan(0);
      handed.push(...named);
    }
    expect([...new Set(handed)].filter((name) => !known.has(name))).toEqual([]);
  });
});
