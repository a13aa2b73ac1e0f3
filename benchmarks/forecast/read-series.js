/**
 * Readers of the public collections that the forecasting benchmark measures on. They carry no licence to copy, so
 * they lie in a folder of the user's:
 *   m3/m3.json                        [{ id, period, h, train: […], test: […] }, …], 3,003 series
 *   m4/{Hourly,Weekly}-{train,test}.csv   as the M4 competition publishes them
 *   tcpd/annotations.json, tcpd/datasets/NAME/NAME.json   as the Turing Change Point Dataset builds them
 *   nab/data/FOLDER/NAME.csv          as the Numenta Anomaly Benchmark has them
 * Every reader throws if it finds less than there should be: a benchmark of nothing would look perfect.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Values in a season, by the periods of M3, and the frequency in BigQuery's words; of OTHER it is not told. */
const M3_PERIODS = {
  YEARLY: { season: 1, frequency: 'YEARLY' },
  QUARTERLY: { season: 4, frequency: 'QUARTERLY' },
  MONTHLY: { season: 12, frequency: 'MONTHLY' },
  OTHER: { season: 1, frequency: undefined },
};

/**
 * @typedef {{ id: string, season: number, frequency: string | undefined, train: Float64Array, test: Float64Array }} Series
 * @returns {Series[]}
 */
export function readM3(folder) {
  const series = JSON.parse(read(folder, 'm3/m3.json'));
  return counted('M3', 3003, series).map(({ id, period, train, test }) => {
    const known = M3_PERIODS[period];
    if (known === undefined) throw new Error(`M3 series ${id} has the unknown period ${period}`);
    return { id, ...known, train: numbers(id, train), test: numbers(id, test) };
  });
}

/**
 * @param {'Hourly' | 'Weekly'} part
 * @returns {Series[]}
 */
export function readM4(folder, part) {
  const [season, count] = part === 'Hourly' ? [24, 414] : [1, 359];
  const frequency = part.toUpperCase();
  const tests = new Map(rows(read(folder, `m4/${part}-test.csv`)));
  const series = rows(read(folder, `m4/${part}-train.csv`)).map(([id, train]) => {
    const test = tests.get(id);
    if (test === undefined) throw new Error(`M4 series ${id} has no test set`);
    return { id, season, frequency, train, test };
  });
  return counted(`M4 ${part}`, count, series);
}

/**
 * The univariate series there are (some of the collection may not be copied), and run_log by its first dimension.
 * @returns {{ id: string, values: Float64Array, annotations: number[][] }[]}
 */
export function readTcpd(folder) {
  const annotations = JSON.parse(read(folder, 'tcpd/annotations.json'));
  const datasets = join(folder, 'tcpd/datasets');
  const series = readdirSync(datasets).map((id) => {
    const { series: dimensions } = JSON.parse(read(folder, `tcpd/datasets/${id}/${id}.json`));
    if (annotations[id] === undefined) throw new Error(`TCPD series ${id} has no annotations`);
    return { id, values: bridged(id, dimensions[0].raw), annotations: Object.values(annotations[id]) };
  });
  return counted('TCPD', 32, series);
}

/**
 * Metrics of machines, minutes to hours apart, with gaps.
 * @returns {{ id: string, timesMs: Float64Array, values: Float64Array }[]}
 */
export function readNab(folder) {
  return readNabFiles(join(folder, 'nab/data'));
}

/** As {@link readNab}, out of the benchmark's own folder `data`; ids are the paths in it, sorted. */
export function readNabFiles(root) {
  const files = existsSync(root)
    ? readdirSync(root, { recursive: true }).filter((file) => file.endsWith('.csv'))
    : [];
  return counted('NAB', 58, files.sort()).map((file) => {
    const lines = readFileSync(join(root, file), 'utf8').trim().split(/\r?\n/).slice(1);
    const rows = lines.map((line) => line.split(','));
    return {
      id: file,
      timesMs: Float64Array.from(rows, ([time]) => Date.parse(`${time}Z`)),
      values: numbers(
        file,
        rows.map(([, value]) => Number(value)),
      ),
    };
  });
}

function read(folder, path) {
  const file = join(folder, path);
  if (!existsSync(file) || statSync(file).size === 0) throw new Error(`${file} is missing or empty`);
  return readFileSync(file, 'utf8');
}

function counted(name, least, series) {
  if (series.length < least) throw new Error(`${name} has ${series.length} series here, not ${least}`);
  return series;
}

/** `"H1","619","565",…`, the shorter rows padded with empty fields. */
function rows(csv) {
  const lines = csv.split(/\r?\n/).slice(1);
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [id, ...fields] = line.split(',').map((field) => field.replaceAll('"', ''));
      const filled = fields.filter((field) => field !== '' && field !== 'NA');
      return [id, numbers(id, filled.map(Number))];
    });
}

function numbers(id, values) {
  if (values.length === 0 || !values.every(Number.isFinite)) throw new Error(`${id} holds no numbers`);
  return Float64Array.from(values);
}

/** Missing values between others lie on a straight line, as in the engine. */
function bridged(id, raw) {
  const values = raw.map((value) => value ?? Number.NaN);
  let before = -1;
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index])) continue;
    for (let gap = before + 1; before >= 0 && gap < index; gap++) {
      values[gap] = values[before] + ((values[index] - values[before]) * (gap - before)) / (index - before);
    }
    before = index;
  }
  return numbers(id, values);
}
