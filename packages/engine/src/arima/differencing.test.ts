import fc from 'fast-check';
import { expect, it } from 'vitest';
import { difference, integrate } from './differencing.js';

it('differences are those of neighbours, once or twice', () => {
  const squares = Float64Array.of(0, 1, 4, 9, 16);
  expect([...difference(squares, 0)]).toEqual([0, 1, 4, 9, 16]);
  expect([...difference(squares, 1)]).toEqual([1, 3, 5, 7]);
  expect([...difference(squares, 2)]).toEqual([2, 2, 2]);
  expect(() => difference(squares, 3)).toThrow(/0, 1 or 2/);
  expect(() => difference(squares.slice(0, 2), 2)).toThrow(/cannot be differenced/);
});

it('integrating undoes differencing, from the last values on', () => {
  const whole = fc.integer({ min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(fc.array(whole, { minLength: 6 }), fc.constantFrom(0, 1, 2), (numbers, d) => {
      const cut = 3;
      const ahead = difference(Float64Array.from(numbers), d).slice(cut - d);
      integrate(ahead, numbers.slice(cut - d, cut));
      expect([...ahead]).toEqual(numbers.slice(cut));
    }),
  );
});
