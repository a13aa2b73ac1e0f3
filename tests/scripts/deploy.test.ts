import { describe, expect, it } from 'vitest';
import {
  IMAGE_BEFORE,
  type Outcome,
  type Rule,
  running,
  runScript,
  type Services,
} from './support/stand-ins.js';

const IMAGE = `us-central1-docker.pkg.dev/my-project/seismo/seismo@sha256:${'a'.repeat(64)}`;
const SERVICES = ['processmetrics', 'get-anomalies', 'metrics-api'];

const before: Services = Object.fromEntries(SERVICES.map((name) => [name, running(name, 3)]));

const deploy = (rules: readonly Rule[] = [], services = before, environment = {}): Promise<Outcome> =>
  runScript('deploy.sh', { environment: { IMAGE, ...environment }, rules, services });

const traffic = ({ services }: Outcome) =>
  Object.fromEntries(SERVICES.map((name) => [name, services[name]?.traffic]));
const unmoved = Object.fromEntries(SERVICES.map((name) => [name, { [`${name}-00003-abc`]: 100 }]));
const moved = Object.fromEntries(SERVICES.map((name) => [name, { [`${name}-00004-abc`]: 100 }]));
/** What Terraform takes a service to run. */
const named = ({ services }: Outcome) => SERVICES.map((name) => services[name]?.revisions.at(-1)?.image);
const tags = ({ services }: Outcome) => SERVICES.flatMap((name) => Object.keys(services[name]?.tags ?? {}));
const at = (outcome: Outcome, pattern: RegExp) => outcome.calls.findIndex((call) => pattern.test(call));

describe.concurrent('a deployment', () => {
  it('goes through migrations, revisions without traffic, smoke test, traffic, smoke test, in this order', async () => {
    const outcome = await deploy();
    expect(outcome.code, outcome.output).toBe(0);
    const steps = [
      /run jobs update migrate .*--image=us-central1-docker.pkg.dev\/my-project\/seismo\/seismo@sha256:a{64}/,
      /run jobs execute migrate .*--wait/,
      /run deploy processmetrics .*--no-traffic$/,
      /update-traffic processmetrics .*--update-tags=candidate=processmetrics-00004-abc$/,
      /run deploy metrics-api .*--no-traffic/,
      /^curl .*https:\/\/candidate---metrics-api-xyz-uc.a.run.app\/metrics$/,
      /pubsub topics publish metrics-candidate/,
      /^bq .*COUNT/,
      /^curl .*https:\/\/candidate---get-anomalies-xyz-uc.a.run.app\/get_anomalies/,
      /update-traffic processmetrics .*--to-revisions=processmetrics-00004-abc=100/,
      /^curl .*https:\/\/metrics-api-xyz-uc.a.run.app\/metrics$/,
      /update-traffic metrics-api .*--to-latest/,
    ];
    const places = steps.map((step) => at(outcome, step));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(traffic(outcome)).toEqual(moved);
    expect(tags(outcome)).toEqual([]);
    expect(named(outcome)).toEqual([IMAGE, IMAGE, IMAGE]);
  });

  it('gives no revision a name, which would bar every later change by Terraform', async () => {
    const outcome = await deploy();
    const deploys = outcome.calls.filter((call) => call.startsWith('gcloud run deploy'));
    expect(deploys).toHaveLength(3);
    for (const call of deploys) expect(call).not.toMatch(/--tag|--revision-suffix/);
  });

  it('signs in to each service for its own address, never for that of a tag', async () => {
    const outcome = await deploy();
    const tokens = outcome.calls.filter((call) => call.includes('print-identity-token'));
    expect(tokens).toHaveLength(4);
    for (const call of tokens) {
      expect(call).toMatch(/--audiences=https:\/\/(metrics-api|get-anomalies)-xyz-uc.a.run.app$/);
      expect(call).toContain('--impersonate-service-account=deployer@my-project.iam.gserviceaccount.com');
    }
    // Neither the token nor a key is an argument of a process.
    expect(outcome.calls.join('\n')).not.toContain('a.token.signed');
  });

  it('signs in as the caller where no token of the deployer may be made, as an owner may not', async () => {
    const outcome = await deploy([
      { match: '--impersonate-service-account', exit: 1, stderr: 'PERMISSION_DENIED: getAccessToken' },
    ]);
    expect(outcome.code, outcome.output).toBe(0);
    expect(traffic(outcome)).toEqual(moved);
    expect(at(outcome, /auth print-identity-token$/)).not.toBe(-1);
    expect(outcome.output).toContain('so this asks with your own: PERMISSION_DENIED: getAccessToken');
  });

  it('uses a key where the services check keys, and never shows it', async () => {
    const keyed = Object.fromEntries(
      SERVICES.map((name) => [name, running(name, 3, ['SEISMO_API_KEYS=seismo-api-keys:latest'])]),
    );
    const outcome = await deploy([], keyed);
    expect(outcome.code, outcome.output).toBe(0);
    expect(outcome.calls.some((call) => call.includes('print-identity-token'))).toBe(false);
    expect(outcome.calls.some((call) => call.includes('secrets versions access latest'))).toBe(true);
    expect(outcome.calls.join('\n') + outcome.output).not.toContain('bbbbbbbbbbbb');
  });

  it('moves no traffic when the migrations fail, and makes no revision', async () => {
    const outcome = await deploy([{ match: 'jobs execute migrate', exit: 1, stderr: 'ERROR: job failed' }]);
    expect(outcome.code).not.toBe(0);
    expect(at(outcome, /run deploy/)).toBe(-1);
    expect(traffic(outcome)).toEqual(unmoved);
    expect(outcome.output).toContain('no traffic was moved');
    expect(outcome.output).toContain(
      `gcloud logging read 'resource.labels.job_name="migrate" severity>=ERROR'`,
    );
  });

  it('moves no traffic when a revision does not start, and removes the tags of the others', async () => {
    const outcome = await deploy([{ match: 'run deploy metrics-api', exit: 1 }]);
    expect(outcome.code).not.toBe(0);
    expect(at(outcome, /^curl/)).toBe(-1);
    expect(traffic(outcome)).toEqual(unmoved);
    expect(tags(outcome)).toEqual([]);
  });

  const faults: readonly (readonly [string, Rule])[] = [
    ['a metric is refused', { match: '^curl .*candidate---.*/metrics$', stdout: '503', body: '{}' }],
    ['a service cannot be reached', { match: '^curl .*candidate---.*/health$', exit: 7 }],
    ['the sample does not reach BigQuery', { match: 'COUNT', stdout: 'found\n0' }],
    ['BigQuery cannot be asked', { match: 'COUNT', exit: 2 }],
    ['get-anomalies answers something else', { match: 'get_anomalies', stdout: '200', body: '<html>' }],
    ['there is no identity token', { match: 'print-identity-token', exit: 1 }],
  ];
  for (const [what, rule] of faults) {
    it(`moves no traffic when ${what}`, async () => {
      const outcome = await deploy([rule]);
      expect(outcome.code, outcome.output).not.toBe(0);
      expect(at(outcome, /to-revisions/)).toBe(-1);
      expect(traffic(outcome)).toEqual(unmoved);
      expect(tags(outcome)).toEqual([]);
      expect(named(outcome)).toEqual([IMAGE_BEFORE, IMAGE_BEFORE, IMAGE_BEFORE]);
    });
  }

  it('says what to do when a service goes on naming the image that failed', async () => {
    const outcome = await deploy([
      { match: '^curl .*candidate---.*/metrics$', stdout: '503', body: '{}' },
      { match: 'services update processmetrics', exit: 1 },
    ]);
    expect(outcome.output).toContain(
      `processmetrics STILL NAMES THE IMAGE THAT FAILED. Before the next terraform apply: gcloud run services update processmetrics --project=my-project --region=us-central1 --image=${IMAGE_BEFORE} --no-traffic`,
    );
    expect(named(outcome)).toEqual([IMAGE, IMAGE_BEFORE, IMAGE_BEFORE]);
  });

  it('rolls every service back when moving the traffic of one fails', async () => {
    const outcome = await deploy([
      { match: 'update-traffic metrics-api .*--to-revisions=metrics-api-00004', exit: 1 },
    ]);
    expect(outcome.code).not.toBe(0);
    expect(traffic(outcome)).toEqual(unmoved);
    expect(tags(outcome)).toEqual([]);
  });

  it('rolls back to shares when the traffic was shared before', async () => {
    const shared = {
      ...before,
      processmetrics: {
        ...running('processmetrics', 3),
        traffic: { 'processmetrics-00002-abc': 30, 'processmetrics-00003-abc': 70 },
      },
    };
    const rule = { match: '^curl .*https://metrics-api-xyz.*/metrics$', stdout: '500', body: 'broken' };
    const outcome = await deploy([rule], shared);
    expect(outcome.code).not.toBe(0);
    expect(outcome.output).toContain('answered with 500, not 202: broken');
    expect(outcome.services.processmetrics?.traffic).toEqual(shared.processmetrics.traffic);
    expect(outcome.services['metrics-api']?.traffic).toEqual(unmoved['metrics-api']);
  });

  it('rolls the others back when one cannot be, and says how to do it by hand', async () => {
    const outcome = await deploy([
      { match: '^curl .*https://metrics-api-xyz.*/metrics$', stdout: '500', body: '' },
      { match: 'update-traffic get-anomalies .*get-anomalies-00003-abc=100', exit: 1 },
    ]);
    expect(outcome.code).not.toBe(0);
    expect(outcome.output).toMatch(
      /get-anomalies COULD NOT BE ROLLED BACK.*--to-revisions=get-anomalies-00003-abc=100/,
    );
    expect(traffic(outcome)).toEqual({ ...unmoved, 'get-anomalies': moved['get-anomalies'] });
  });

  it('rolls back when it is cancelled in the middle', async () => {
    const outcome = await deploy([
      { match: 'update-traffic get-anomalies .*--to-revisions', killParent: 'SIGTERM', times: 1 },
    ]);
    expect(outcome.code).toBe(143);
    expect(traffic(outcome)).toEqual(unmoved);
    expect(tags(outcome)).toEqual([]);
  });

  it('tests through the topic only once there are subscriptions', async () => {
    const outcome = await deploy([{ match: 'subscriptions describe', exit: 1 }]);
    expect(outcome.code, outcome.output).toBe(0);
    expect(at(outcome, /COUNT|topics publish/)).toBe(-1);
    expect(outcome.output).toContain('terraform apply');
  });

  it('refuses an image without digest, and a project that is not set up', async () => {
    const tagged = await deploy([], before, {
      IMAGE: 'us-central1-docker.pkg.dev/my-project/seismo/seismo:1',
    });
    expect(tagged.code).not.toBe(0);
    expect(tagged.output).toContain('by its digest');
    expect(tagged.calls).toEqual([]);
    const empty = await deploy([], {});
    expect(empty.code).not.toBe(0);
    expect(empty.output).toContain('there is no service processmetrics in my-project');
    // What gcloud said stands above it, and nothing of what comes of that.
    expect(empty.output).toMatch(/^ERROR: .*\ndeploy\.sh: there is no .*\n==> not deployed; .*\n$/);
    expect(at(empty, /jobs/)).toBe(-1);
  });
});

describe.concurrent('building the image', () => {
  it('gives its address by digest, alone on standard output', async () => {
    const outcome = await runScript('build-image.sh', { environment: { TAG: 'v1' } });
    expect(outcome.code, outcome.output).toBe(0);
    const name = 'us-central1-docker.pkg.dev/my-project/seismo/seismo';
    expect(outcome.output.trim().split('\n').at(-1)).toBe(`${name}@sha256:${'d'.repeat(64)}`);
    expect(outcome.calls).toEqual([
      'docker buildx version',
      'gcloud auth configure-docker us-central1-docker.pkg.dev',
      `docker build --platform=linux/amd64 -f cloud_run/Dockerfile -t ${name}:v1 .`,
      `docker push ${name}:v1`,
      `docker image inspect --format={{range .RepoDigests}}{{println .}}{{end}} ${name}:v1`,
    ]);
  });

  it('fails when building, pushing or the digest fails', async () => {
    const rules: readonly Rule[] = [
      { match: '^docker buildx version', exit: 1 },
      { match: '^docker build ', exit: 1 },
      { match: '^docker push', exit: 1 },
      { match: '^docker image inspect', stdout: 'other@sha256:0' },
    ];
    for (const rule of rules) {
      const outcome = await runScript('build-image.sh', { environment: { TAG: 'v1' }, rules: [rule] });
      expect(outcome.code).not.toBe(0);
    }
  });
});

describe.concurrent('trying the image with Docker', () => {
  const rules: readonly Rule[] = [
    { match: '^curl .*series=latency', stdout: '[312.5]' },
    { match: '^curl' },
    { match: '^docker inspect', stdout: '0' },
  ];
  const tryImage = (first: readonly Rule[] = []) =>
    runScript('image/run-docker.sh', { args: ['seismo'], rules: [...first, ...rules] });

  it('runs it read-only with a volume for /data, posts, stops, and looks whether the sample is kept', async () => {
    const outcome = await tryImage();
    expect(outcome.code, outcome.output).toBe(0);
    const runs = outcome.calls.filter((call) => call.startsWith('docker run'));
    expect(runs).toHaveLength(2);
    for (const run of runs)
      expect(run).toMatch(/ --read-only .* -v \S+:\/data -e SEISMO_API_KEYS=write:\w+ seismo$/);
    expect(outcome.calls.at(-1)).toMatch(/^docker volume rm/);
  });

  it('fails where it does not end cleanly, refuses the metric, or forgets it', async () => {
    const faults: readonly Rule[] = [
      { match: '^docker inspect', stdout: '137' },
      { match: '^curl .*/metrics$', exit: 22 },
      { match: '^curl .*series=latency', stdout: '[]' },
    ];
    for (const fault of faults) {
      const outcome = await tryImage([fault]);
      expect(outcome.code, fault.match).not.toBe(0);
      expect(outcome.calls.at(-1)).toMatch(/^docker volume rm/);
    }
  });
});

describe.concurrent('planning and applying', () => {
  const environment = {
    TERRAFORM_STATE_BUCKET: 'my-state',
    TF_VAR_project_id: 'my-project',
    TF_VAR_alert_email: 'me@example.com',
  };

  it('keeps the state in the bucket, and asks nobody', async () => {
    for (const command of [
      // The account that plans may not write the state, so it may not lock it either.
      'terraform plan -input=false -lock=false',
      'terraform apply -input=false -lock-timeout=10m -auto-approve',
    ]) {
      const outcome = await runScript('terraform.sh', { args: [command.split(' ')[1]!], environment });
      expect(outcome.code, outcome.output).toBe(0);
      expect(outcome.calls).toEqual(['terraform init -input=false', command]);
    }
  });

  it('does nothing without a bucket, and nothing else than plan and apply', async () => {
    const bare = await runScript('terraform.sh', { args: ['plan'], environment: { TF_VAR_project_id: 'p' } });
    expect(bare).toMatchObject({
      code: 2,
      output: expect.stringMatching(/^terraform\.sh: set TERRAFORM_STATE_/),
    });
    expect(bare.calls).toEqual([]);
    const other = await runScript('terraform.sh', { args: ['destroy'], environment });
    expect(other.code).toBe(2);
    expect(other.calls).toEqual([]);
  });
});
