import { describe, expect, it } from 'vitest';
import { packRequests } from './topic-publisher.js';

function messages(count: number, bytes: number) {
  return Array.from({ length: count }, (_, i) => ({
    data: Buffer.alloc(bytes),
    attributes: { i: String(i) },
  }));
}

describe('requests to publish', () => {
  it('hold at most 1,000 messages and 10 MB, everything once and in order', () => {
    for (const [count, bytes, expected] of [
      [0, 1, 0],
      [1000, 50, 1],
      [1001, 50, 2],
      [20, 1_000_000, 3],
      [2, 9_900_000, 2],
    ] as const) {
      const given = messages(count, bytes);
      const requests = packRequests(given);
      expect(requests).toHaveLength(expected);
      expect(requests.flat()).toEqual(given);
      for (const request of requests) {
        expect(request.length).toBeLessThanOrEqual(1000);
        const total = request.reduce((sum, { data }) => sum + data.length, 0);
        expect(total).toBeLessThan(10_000_000);
      }
    }
  });
});
