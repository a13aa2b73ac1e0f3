import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowLabels, rowWindows } from '@seismo/engine/evaluation';
import { readNabFiles } from '../forecast/read-series.js';

const LABELLED = 52;
const WINDOWS = 116;

/**
 * The series of NAB with their windows, and in which half each is: 0 for the odd places in the sorted list of its category,
 * 1 for the even ones. What is chosen by looking is chosen on half 0.
 * @param {string} folder a clone of NAB, with `data` and `labels` in it
 */
export function readLabelledNab(folder) {
  if (folder === '') throw new Error('name the folder of NAB: --nab FOLDER or NAB_DATA=FOLDER');
  const file = join(folder, 'labels/combined_windows.json');
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  const labels = JSON.parse(readFileSync(file, 'utf8'));
  const places = new Map();
  const series = readNabFiles(join(folder, 'data')).map(({ id, timesMs, values }) => {
    if (labels[id] === undefined) throw new Error(`${file} says nothing of ${id}`);
    const category = id.split('/')[0];
    const place = places.get(category) ?? 0;
    places.set(category, place + 1);
    const windows = rowWindows(timesMs, labels[id].map(timeWindow));
    return { id, timesMs, values, half: place % 2, windows, labels: rowLabels(values.length, windows) };
  });
  const labelled = series.filter(({ windows }) => windows.length > 0).length;
  const windows = series.reduce((sum, one) => sum + one.windows.length, 0);
  if (labelled !== LABELLED || windows !== WINDOWS) {
    throw new Error(`${labelled} labelled series with ${windows} windows, not ${LABELLED} with ${WINDOWS}`);
  }
  return series;
}

/** `2014-04-10 07:15:00.000000`, in UTC as the times of the data. */
function timeWindow([from, to]) {
  return { fromMs: Date.parse(`${from.slice(0, 23)}Z`), toMs: Date.parse(`${to.slice(0, 23)}Z`) };
}
