import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import { refusePublicWithoutKey } from './public-address.js';
import { addSettings, readConfig } from './read-config.js';

function read(args: string, environment: Record<string, string> = {}): Config {
  const command = new Command('serve').exitOverride().configureOutput({ outputError: () => {} });
  addSettings(command);
  command.parse(
    args.split(' ').filter((one) => one !== ''),
    { from: 'user' },
  );
  return readConfig(command, environment);
}

function failure(args: string, environment: Record<string, string> = {}): AppError {
  try {
    refusePublicWithoutKey(read(args, environment));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the role', () => {
  it.each(['metrics-api', 'processmetrics', 'get-anomalies'])(
    'is %s where Cloud Run calls the service so: all addresses, its port, its log',
    (K_SERVICE) => {
      expect(read('', { K_SERVICE, PORT: '8081' })).toMatchObject({
        role: K_SERVICE,
        onCloudRun: true,
        host: '0.0.0.0',
        port: 8081,
        log: 'gcp',
      });
    },
  );

  it('is migrate in a job of that name', () => {
    expect(read('', { CLOUD_RUN_JOB: 'migrate' })).toMatchObject({ role: 'migrate', log: 'gcp' });
  });

  it('is not that of a job in a service, nor of a service in a job', () => {
    expect(read('', { K_SERVICE: 'migrate' }).role).toBe('embedded');
    expect(read('', { CLOUD_RUN_JOB: 'metrics-api' }).role).toBe('embedded');
  });

  it('is embedded in a service of another name, which still is reached from outside', () => {
    const config = read('--api-key 0123456789', { K_SERVICE: 'seismo' });
    expect(config).toMatchObject({ role: 'embedded', onCloudRun: true, host: '0.0.0.0', log: 'gcp' });
  });

  it('is what the flag says before what the variable says before what Cloud Run says', () => {
    const environment = { K_SERVICE: 'processmetrics', SEISMO_ROLE: 'get-anomalies' };
    expect(read('', environment).role).toBe('get-anomalies');
    expect(read('--role metrics-api', environment).role).toBe('metrics-api');
  });

  it('leaves address and log to who sets them', () => {
    const config = read('--role metrics-api --host 127.0.0.1 --log text', { K_SERVICE: 'metrics-api' });
    expect(config).toMatchObject({ host: '127.0.0.1', log: 'text' });
    expect(read('--role metrics-api').log).toBe('text');
  });
});

describe('the settings of Google Cloud', () => {
  it('are read from flags', () => {
    const flags =
      '--role processmetrics --project example.com:my-project --region europe-west1 --dataset other_set ' +
      '--topic m2 --dead-letter-topic m2-dead --shards 4 --auth iam --push-audience https://a.example ' +
      '--push-audience https://b.example --push-account p@x.iam.gserviceaccount.com ' +
      '--scheduler-account s@x.iam.gserviceaccount.com --jwks-url http://127.0.0.1:1/keys ' +
      '--max-bytes-billed 1GiB --bigquery-write-endpoint 127.0.0.1:9160';
    expect(read(flags.replace('m2 ', 'metrics2 '))).toMatchObject({
      project: 'example.com:my-project',
      region: 'europe-west1',
      dataset: 'other_set',
      topic: 'metrics2',
      deadLetterTopic: 'm2-dead',
      shards: 4,
      auth: 'iam',
      pushAuth: 'verify',
      pushAudiences: ['https://a.example', 'https://b.example'],
      pushAccount: 'p@x.iam.gserviceaccount.com',
      schedulerAccount: 's@x.iam.gserviceaccount.com',
      jwksUrl: 'http://127.0.0.1:1/keys',
      maxBytesBilled: 1024 ** 3,
      bigqueryWriteEndpoint: '127.0.0.1:9160',
    });
  });

  it('are read from variables, the project from that of other programs too', () => {
    const environment = {
      SEISMO_ROLE: 'processmetrics',
      GOOGLE_CLOUD_PROJECT: 'my-project',
      SEISMO_PUSH_AUTH: 'iam',
      SEISMO_PUSH_AUDIENCE: 'https://a.example,https://b.example',
    };
    expect(read('', environment)).toMatchObject({
      project: 'my-project',
      pushAuth: 'iam',
      pushAudiences: ['https://a.example', 'https://b.example'],
    });
  });

  it.each([
    ['--role metrics', 'embedded, metrics-api, processmetrics, get-anomalies or migrate'],
    ['--role migrate --project 123456', "project's id"],
    ['--role migrate --dataset p.metrics', 'without its project'],
    ['--role migrate --topic projects/p/topics/t', 'without projects/'],
    ['--role migrate --topic googtopic', 'name of a topic'],
    ['--role migrate --push-account pubsub-push', 'e-mail'],
    ['--role migrate --jwks-url file:///keys', 'https://'],
    ['--role migrate --bigquery-write-endpoint http://127.0.0.1:1', 'host and a port'],
  ])('%s is refused with what is right', (args, words) => {
    expect(failure(args)).toMatchObject({ code: 'usage' });
    expect(failure(args).message).toContain(words);
  });
});

describe('together are refused', () => {
  it.each([
    ['--topic metrics2', {}, '--topic is for a role on Google Cloud, and this server is embedded'],
    ['', { SEISMO_SHARDS: '4' }, 'SEISMO_SHARDS is for a role on Google Cloud'],
    ['--auth iam', {}, '--auth is for a role on Google Cloud'],
    ['--role metrics-api --auth iam --data d', {}, '--data is for the embedded server; the role metrics-api'],
    ['--role processmetrics --no-host-metrics', {}, '--no-host-metrics is for the embedded server'],
    ['--role metrics-api --auth iam --api-key 0123456789', {}, 'nobody is asked for a key'],
    ['--role processmetrics --push-auth iam --jwks-url http://x/k', {}, 'no signature is checked'],
    ['--role metrics-api --auth iam --topic metrics-dead-letter', {}, 'cannot share the topic'],
    ['--role metrics-api', {}, 'Listening on 0.0.0.0 without a key'],
    ['', { K_SERVICE: 'get-anomalies' }, 'Listening on 0.0.0.0 without a key'],
    ['', { K_SERVICE: 'anything' }, 'Listening on 0.0.0.0 without a key'],
  ])('%s %j', (args, environment, words) => {
    expect(failure(args, environment as Record<string, string>)).toMatchObject({ code: 'usage' });
    expect(failure(args, environment as Record<string, string>).message).toContain(words);
  });

  it('but not what one image holds for all roles, nor a variable of other programs', () => {
    const image = { SEISMO_DATA: '/data', SEISMO_HOST: '0.0.0.0', SEISMO_AUTH: 'iam' };
    expect(read('', { ...image, K_SERVICE: 'metrics-api' }).role).toBe('metrics-api');
    expect(read('', { GOOGLE_CLOUD_PROJECT: 'my-project' }).role).toBe('embedded');
    expect(read('--auth iam', { K_SERVICE: 'seismo' })).toMatchObject({ role: 'embedded', auth: 'iam' });
  });

  it('but not processmetrics without keys: it is called with identity tokens', () => {
    expect(() => refusePublicWithoutKey(read('', { K_SERVICE: 'processmetrics' }))).not.toThrow();
  });
});
