import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DETECTORS } from '@seismo/engine';
import { createSeasonalZScore } from './seasonal-z-score.js';

/**
 * @typedef {{ name: string, create: () => import('@seismo/engine').StreamingDetector, sensitivity?: number }} Chosen
 * The detectors to measure: that of `--detector`, those of the engine, the peer; each at every `--sensitivity`.
 * @returns {Promise<Chosen[]>}
 */
export async function chosenDetectors({ detector, sensitivity, peers }) {
  const own = detector === '' ? [] : [await creatorIn(detector)];
  const others = [...DETECTORS, createSeasonalZScore];
  const creators = peers === 1 ? [...own, ...others] : [...own, ...others].slice(0, 1);
  const settings = sensitivity === '' ? [undefined] : sensitivity.split(',').map(positive);
  return creators.flatMap((create, index) =>
    settings.map((falseAlarmsPerWeek) => {
      const isOwn = index === 0 && own.length > 0 ? ` (${detector})` : '';
      const at = falseAlarmsPerWeek === undefined ? '' : ` at ${falseAlarmsPerWeek}`;
      const options = falseAlarmsPerWeek === undefined ? {} : { falseAlarmsPerWeek };
      return { name: `${create().name}${isOwn}${at}`, create: () => create(options) };
    }),
  );
}

async function creatorIn(path) {
  const module = await import(pathToFileURL(resolve(path)).href);
  const creator = Object.entries(module).find(([name]) => /^create\w*Detector$/.test(name))?.[1];
  if (typeof creator !== 'function') throw new Error(`${path} exports no create…Detector`);
  return creator;
}

function positive(text) {
  if (!(Number(text) > 0)) throw new Error(`--sensitivity is a number above 0, not ${text}`);
  return Number(text);
}
