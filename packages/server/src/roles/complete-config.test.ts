import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CONFIG_DEFAULTS, type Config } from '../config.js';
import { completeConfig } from './complete-config.js';

const readPlace = vi.hoisted(() => vi.fn());
vi.mock('../adapters/gcp/metadata-server.js', () => ({ readPlace }));

beforeEach(() => {
  readPlace.mockReset().mockResolvedValue({ project: 'found', region: 'us-central1' });
});

const given = (config: Partial<Config>): Config => ({
  ...CONFIG_DEFAULTS,
  role: 'processmetrics',
  ...config,
});

describe('the configuration of a role', () => {
  it('takes from the metadata server what was not set', async () => {
    expect(await completeConfig(given({}))).toMatchObject({
      project: 'found',
      region: 'us-central1',
      pushAccount: 'pubsub-push@found.iam.gserviceaccount.com',
      schedulerAccount: 'scheduler@found.iam.gserviceaccount.com',
    });
    expect(await completeConfig(given({ project: 'named' }))).toMatchObject({
      project: 'named',
      region: 'us-central1',
    });
  });

  it('asks nobody where all is set, nor for the embedded server', async () => {
    const config = given({
      project: 'named',
      region: 'EU',
      pushAccount: 'p@x.example',
      schedulerAccount: 's@x.example',
    });
    expect(await completeConfig(config)).toEqual(config);
    expect(await completeConfig(given({ role: 'embedded' }))).toBeUndefined();
    expect(readPlace).not.toHaveBeenCalled();
  });

  it('turns the parts of a project in a domain round in its accounts', async () => {
    expect(await completeConfig(given({ project: 'example.com:name' }))).toMatchObject({
      pushAccount: 'pubsub-push@name.example.com.iam.gserviceaccount.com',
    });
  });

  it('is refused without a project, and does without a region', async () => {
    readPlace.mockResolvedValue({ project: undefined, region: undefined });
    await expect(completeConfig(given({}))).rejects.toMatchObject({ code: 'usage', field: '--project' });
    expect(await completeConfig(given({ project: 'named' }))).toMatchObject({ region: undefined });
  });
});
