import { describe, expect, it } from 'vitest';
import { readTrace } from './request-trace.js';

const TRACE = '105445aa7843bc8bf206b12000100000';

describe('the trace of a request', () => {
  it.each([
    [{ traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }, TRACE, '00f067aa0ba902b7', true],
    [{ traceparent: `00-${TRACE}-00f067aa0ba902b7-00` }, TRACE, '00f067aa0ba902b7', false],
    [{ 'x-cloud-trace-context': `${TRACE}/1;o=1` }, TRACE, '0000000000000001', true],
    [{ 'x-cloud-trace-context': `${TRACE}/18446744073709551615` }, TRACE, 'ffffffffffffffff', false],
    [{ 'x-cloud-trace-context': TRACE.toUpperCase() }, TRACE, undefined, false],
    [
      { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, 'x-cloud-trace-context': `${'1'.repeat(32)}/1` },
      TRACE,
      '00f067aa0ba902b7',
      true,
    ],
    [{ traceparent: 'nonsense', 'x-cloud-trace-context': `${TRACE}/2` }, TRACE, '0000000000000002', false],
  ])('is read of %j', (headers, traceId, spanId, sampled) => {
    expect(readTrace(headers)).toEqual(
      spanId === undefined ? { traceId, sampled } : { traceId, spanId, sampled },
    );
  });

  it.each([
    {},
    { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` },
    { traceparent: '00-xyz-1-01' },
    { 'x-cloud-trace-context': 'abc/1' },
  ])('is none for %j', (headers) => {
    expect(readTrace(headers)).toBeUndefined();
  });
});
