import process from 'node:process';

/**
 * `TEST_LENGTH=full`, as `npm run test:long` and `npm run test:cloud` set it: every round and every case. Without it,
 * in `npm test`, as many as show that the way there is sound.
 */
export const FULL_LENGTH = process.env.TEST_LENGTH === 'full';
