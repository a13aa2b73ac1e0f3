/** Checks the direction of imports by .dependency-cruiser.js, and that it really saw every source file. */
import process from 'node:process';
import { cruiseSources } from './cruise-sources.js';

const { violations, seen, missed } = await cruiseSources(new URL('../..', import.meta.url).pathname);
for (const violation of violations) console.log(violation);
if (missed.length > 0) {
  console.log(`Not seen by dependency-cruiser, so not checked:\n  ${missed.join('\n  ')}`);
}
if (seen === 0) console.log('dependency-cruiser saw no source file at all.');
console.log(`${seen} files, ${violations.length} violations`);
process.exitCode = violations.length === 0 && missed.length === 0 && seen > 0 ? 0 : 1;
