import { describe, expect, it } from 'vitest';
import { runInTrace } from '../trace-context.js';
import { gcpRecord, serviceOf } from './gcp-log.js';

const OPTIONS = { project: 'my-project', service: 'metrics-api', version: 'metrics-api-00001' };
const TRACE = '105445aa7843bc8bf206b12000100000';

describe('a line of the log on Google Cloud', () => {
  it('has severity, message and time, and the fields as they are', () => {
    const record = gcpRecord(
      'INFO',
      { event: 'samples_stored', samples: 7 },
      'Samples were stored.',
      OPTIONS,
    );
    expect(record).toEqual({
      severity: 'INFO',
      message: 'Samples were stored.',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      event: 'samples_stored',
      samples: 7,
    });
  });

  it('keeps its own severity, message and time whatever the fields are called', () => {
    const record = gcpRecord('WARNING', { severity: 'x', message: 'y', time: 'z' }, 'It rains.', OPTIONS);
    expect(record).toMatchObject({ severity: 'WARNING', message: 'It rains.' });
    expect(record.time).not.toBe('z');
  });

  it('of an error has the shape that Error Reporting takes, with the stacks of its causes', () => {
    const fault = new Error('outer', { cause: new Error('inner') });
    const fields = { err: fault, method: 'POST', path: '/pubsub/push' };
    const record = gcpRecord('ERROR', fields, 'A request failed.', OPTIONS);
    expect(record).toMatchObject({
      '@type': 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent',
      serviceContext: { service: 'metrics-api', version: 'metrics-api-00001' },
      severity: 'ERROR',
      message: 'A request failed. outer',
      context: { httpRequest: { method: 'POST', url: '/pubsub/push' } },
    });
    expect(record.stack_trace).toMatch(/^Error: outer\n {4}at [\s\S]*\nCaused by: Error: inner\n {4}at /);
    expect(record).not.toHaveProperty('err');
  });

  it('of an error without a stack is one for Error Reporting too, named for its event', () => {
    const record = gcpRecord(
      'ERROR',
      { event: 'train_failed', reason: 'quota' },
      'Training failed.',
      OPTIONS,
    );
    expect(record).toMatchObject({
      '@type': 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent',
      serviceContext: { service: 'metrics-api', version: 'metrics-api-00001' },
      context: { reportLocation: { functionName: 'train_failed' } },
      event: 'train_failed',
      message: 'Training failed.',
    });
    expect(record).not.toHaveProperty('stack_trace');
  });

  it('of a warning with an error is none for Error Reporting', () => {
    const record = gcpRecord('WARNING', { err: new Error('passing') }, 'Trying again.', OPTIONS);
    expect(record).toMatchObject({ severity: 'WARNING', message: 'Trying again. passing' });
    expect(record).not.toHaveProperty('@type');
  });

  it('carries the trace of the request that it is about, also after waiting', async () => {
    const trace = { traceId: TRACE, spanId: '00f067aa0ba902b7', sampled: true };
    const record = await runInTrace(trace, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return gcpRecord('INFO', {}, 'Here.', OPTIONS);
    });
    expect(record).toMatchObject({
      'logging.googleapis.com/trace': `projects/my-project/traces/${TRACE}`,
      'logging.googleapis.com/spanId': '00f067aa0ba902b7',
      'logging.googleapis.com/trace_sampled': true,
    });
    expect(gcpRecord('INFO', {}, 'There.', OPTIONS)).not.toHaveProperty('logging.googleapis.com/trace');
  });
});

it('the service is called what Cloud Run calls it', () => {
  expect(serviceOf({ K_SERVICE: 'processmetrics', K_REVISION: 'processmetrics-00002' })).toEqual({
    service: 'processmetrics',
    version: 'processmetrics-00002',
  });
  expect(serviceOf({ CLOUD_RUN_JOB: 'migrate' }).service).toBe('migrate');
  expect(serviceOf({}, 'get-anomalies')).toMatchObject({
    service: 'get-anomalies',
    version: expect.stringMatching(/^\d+\./) as string,
  });
});
