/**
 * What a detector finds, what it cries wolf at, and what it costs: the Numenta Anomaly Benchmark, made series with anomalies of many families, false alarms on
 * clean series of every kind, whether probabilities mean what they say, what the threshold's starting values are on them, short bumps,
 * bumps on waves of minutes and hours, the delay of level shifts beside a CUSUM, points a second, how long saving and loading a
 * hundred thousand series takes. All at the sensitivity that the code has as its default, all strictly causal, peers in the
 * same run.
 * `npm run bench:detect -- --nab FOLDER`: the folder of a clone of NAB, with `data` and `labels` in it; its data are
 * not part of this repository. `--only clean,speed` measures some.
 */
import { availableParallelism, cpus } from 'node:os';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { chosenDetectors } from './detect/chosen-detectors.js';
import { measureBumps } from './detect/measure-bumps.js';
import { measureClean, PERIODS } from './detect/measure-clean.js';
import { measureDelays } from './detect/measure-delays.js';
import { measureFamilies } from './detect/measure-families.js';
import { measureNab, nabFileRows } from './detect/measure-nab.js';
import { measureProbability } from './detect/measure-probability.js';
import { measureRuns } from './detect/measure-runs.js';
import { measureSpeed } from './detect/measure-speed.js';
import { measureState } from './detect/measure-state.js';
import { measureWaves } from './detect/measure-waves.js';
import { readLabelledNab } from './detect/read-labelled-nab.js';
import { readFlags } from './load/read-flags.js';

// As bin/seismo.js does it.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=3200');

const ALL_PARTS = 'nab,families,clean,probability,runs,bumps,waves,delay,speed,state';

const flags = readFlags('What a detector finds, its false alarms, its delays and its cost.', {
  nab: { default: '', variable: 'NAB_DATA', tells: 'folder of a clone of NAB; must be given for that part' },
  only: { default: ALL_PARTS, tells: 'the parts to measure' },
  detector: { default: '', tells: 'a module with a create…Detector of its own, measured first' },
  sensitivity: {
    default: '',
    tells: 'false alarms per week to set instead of the default; several by comma',
  },
  peers: { default: 1, tells: '0 leaves the peers out' },
  files: { default: 0, tells: '1 tells of each file of NAB too' },
  periods: { default: Object.keys(PERIODS).join(','), tells: 'spacings of the clean series' },
  kinds: { default: '', tells: 'kinds of clean series; all' },
  scale: { default: 1, tells: 'times as many series in families, clean, bumps, waves and delay' },
  points: { default: 5_000_000, tells: 'samples of each measurement of speed' },
});

async function main() {
  const parts = flags.only.split(',');
  const unknown = parts.find((part) => !ALL_PARTS.split(',').includes(part));
  if (unknown !== undefined) throw new Error(`--only takes ${ALL_PARTS}, not ${unknown}`);
  const detectors = await chosenDetectors(flags);
  const measure = {
    nab: () => {
      const series = readLabelledNab(flags.nab);
      print(`NAB, ${series.length} series`, measureNab(detectors, series));
      if (flags.files === 1) for (const one of detectors) print(one.name, nabFileRows(one, series));
    },
    families: () => {
      for (const one of detectors) print(`Made series of families: ${one.name}`, measureFamilies(one, flags));
    },
    clean: () => {
      for (const one of detectors) {
        print(`False alarms per series and week on clean series: ${one.name}`, measureClean(one, flags));
      }
    },
    probability: () => {
      for (const one of detectors) {
        print(
          `Times as many samples above 0.99, 0.999 as should be: ${one.name}`,
          measureProbability(one, flags),
        );
      }
    },
    runs: () => {
      // The peer has no such numbers.
      const [one] = detectors;
      print(`Runs of strong samples per sample, their mean height: ${one.name}`, measureRuns(one, flags));
    },
    bumps: () => print('Bumps of 5 σ, ten samples, on a daily wave', measureBumps(detectors, flags)),
    waves: () => {
      for (const one of detectors) print(`Bumps of a third of a wave: ${one.name}`, measureWaves(one, flags));
    },
    delay: () =>
      print('Samples until a level shift is told (1: its first sample)', measureDelays(detectors, flags)),
    speed: () => print(`CPU time of one core, ${flags.points} points each`, measureSpeed(detectors, flags)),
    // The peer has no such state.
    state: () => print('Saving and loading the state', measureState(detectors[0])),
  };
  for (const part of parts) measure[part]();
  console.log(
    `one core of ${availableParallelism()} (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}`,
  );
}

function print(title, rows) {
  console.log(title);
  console.table(rows);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
