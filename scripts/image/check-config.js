/**
 * Checks size and configuration of a built image.
 * usage: node check-config.js MANIFEST INSPECTION OFFICIAL_BASE_MEGABYTES MEGABYTES_MAX
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [manifestPath, inspectionPath, baseMegabytes, megabytesMax] = process.argv.slice(2);
const { layers } = JSON.parse(readFileSync(manifestPath, 'utf8'));
const { config } = JSON.parse(readFileSync(inspectionPath, 'utf8')).Docker;

const problems = [];
const megabytes = (some) => some.reduce((sum, { size }) => sum + size, 0) / 1e6;
// The stand-in for the base is one layer, the first.
const ours = megabytes(layers.slice(1));
const total = Number(baseMegabytes) + ours;
console.log(
  `compressed: ours ${ours.toFixed(1)} MB, with the official base about ${total.toFixed(0)} MB, ` +
    `with the base used here ${megabytes(layers).toFixed(1)} MB; at most ${megabytesMax} MB`,
);
if (total > Number(megabytesMax)) problems.push(`the image is larger than ${megabytesMax} MB compressed`);
if (megabytes(layers) > Number(megabytesMax)) problems.push('the image built here is larger than allowed');

if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(config.User ?? ''))
  problems.push(`it runs as "${config.User}", a name or root`);
if (config.StopSignal !== 'SIGTERM') problems.push(`it is stopped by ${config.StopSignal}, not SIGTERM`);
if (config.Volumes?.['/data'] === undefined) problems.push('/data is no volume');
if (config.Healthcheck === undefined) problems.push('there is no health check');
const environment = config.Env ?? [];
if (!environment.includes('NODE_ENV=production')) problems.push('NODE_ENV is not production');
for (const one of environment.filter((text) => /key|token|secret|password/i.test(text))) {
  problems.push(`a secret may be in its environment: ${one.split('=')[0]}`);
}
for (const problem of problems) console.error(`check-image: ${problem}.`);
process.exitCode = problems.length === 0 ? 0 : 1;
