import { describe, expect, it } from 'vitest';
import { inMemberOrder } from './json-order.js';

describe('the members of JSON', () => {
  it.each([
    ['{"b":1,"a":{"d":[{"f":1.50,"e":-1e3}],"c":null}}', '{"a":{"c":null,"d":[{"e":-1e3,"f":1.50}]},"b":1}'],
    [' { "b" : [ ] , "a" : { } } ', '{"a":{},"b":[]}'],
    [
      '{"name":"Alice","items":[{"product":"book","price":10}]}',
      '{"items":[{"price":10,"product":"book"}],"name":"Alice"}',
    ],
    ['{"b}":"{\\"z\\":1,\\"a\\":2}","a\\"":true}', '{"a\\"":true,"b}":"{\\"z\\":1,\\"a\\":2}"}'],
    ['{"id":12345678901234567890,"B":1,"a":2}', '{"B":1,"a":2,"id":12345678901234567890}'],
    ['[1, 2]', '[1, 2]'],
    ['"{"', '"{"'],
    ['{"b":1,"a"', '{"b":1,"a"'],
    ['{"b":1,"a":2}}', '{"b":1,"a":2}}'],
    ['{"b" 1}', '{"b" 1}'],
    ['{,}', '{,}'],
  ])('stand by their names: %s', (text, sorted) => {
    expect(inMemberOrder(text)).toBe(sorted);
  });

  it('stay as they are where they are nested too deeply', () => {
    const deep = '{"b":1,"a":'.repeat(100_000);
    expect(inMemberOrder(deep)).toBe(deep);
  });
});
