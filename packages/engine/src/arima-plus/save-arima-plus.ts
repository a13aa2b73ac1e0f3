import { filterInStretches } from '../arima/filter-arima.js';
import { seasonEnds } from '../decomposition/double-exponential-smoothing.js';
import {
  type ArimaPlusHistory,
  type ArimaPlusModel,
  type ModelSeason,
  trendSeries,
} from './arima-plus-model.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { type PlainData, readPlainData, writePlainData } from './plain-data-form.js';

/** "SMAP": Seismo, ARIMA_PLUS. */
const MAGIC = 0x50414d53;
/** 2 has the scale that a model with limits is on, 3 the ends of seasons that do not follow from the history. */
const VERSION = 3;
const VERSION_FIRST = 1;
/** Of magic, version and checksum. */
const FRAME_BYTES = 9;

/**
 * A model as bytes: 4 of "SMAP", 1 of the version (3), the checksum of the rest (FNV-1a, 32 bits, little endian), then
 * the model's properties in the form that plain-data-form.ts describes, without what follows from its history: residuals
 * and ends of the seasons that do. A model without history takes some kilobytes and 16 bytes for each place of its seasons, one
 * with history some kilobytes, 1 to 8 bytes a value, and 8 more for each season. The same model always gives the same bytes. Cost: some 20 ns a number.
 */
export function saveArimaPlus(model: ArimaPlusModel): Uint8Array {
  const content = new ByteWriter();
  const { history } = model;
  const seasons = history
    ? model.seasons.map((season, number) => withoutEnds(season, history.seasonal[number]!))
    : model.seasons;
  const kept = history && { ...history, residuals: undefined, startVariances: undefined };
  // Interfaces have no index signature, though they are plain data.
  writePlainData(content, { ...model, seasons, history: kept } as unknown as PlainData);
  const body = content.written();
  const whole = new ByteWriter();
  whole.unsigned32(MAGIC);
  whole.byte(VERSION);
  whole.unsigned32(checksum(body));
  const bytes = new Uint8Array(FRAME_BYTES + body.length);
  bytes.set(whole.written());
  bytes.set(body, FRAME_BYTES);
  return bytes;
}

/**
 * The model that {@link saveArimaPlus} saved, of this version or one before, with the same answers to the last bit. Cost: some 20 ns a number, and one
 * filter over the history.
 * @throws RangeError on bytes that are no saved model, or one of another version, or damaged
 */
export function loadArimaPlus(bytes: Uint8Array): ArimaPlusModel {
  const reader = new ByteReader(bytes);
  if (bytes.length < FRAME_BYTES || reader.unsigned32() !== MAGIC) {
    throw new RangeError('these bytes are not a saved model: they do not begin with SMAP');
  }
  const version = reader.byte();
  if (version < VERSION_FIRST || version > VERSION) {
    throw new RangeError(
      `the model was saved as version ${version}; this one reads versions ${VERSION_FIRST} to ${VERSION}`,
    );
  }
  if (reader.unsigned32() !== checksum(bytes.subarray(FRAME_BYTES))) {
    throw new RangeError('the saved model is damaged: its checksum does not fit');
  }
  const model = readPlainData(reader) as unknown as ArimaPlusModel;
  return model.history ? withHistory(model, model.history) : model;
}

function withHistory(model: ArimaPlusModel, history: ArimaPlusHistory): ArimaPlusModel {
  const { residuals, startVariances } = filterInStretches(trendSeries(model, history), model.arima);
  const seasons = model.seasons.map((season, number) =>
    season.smoothed.ends.length > 0
      ? season
      : withEnds(season, seasonEnds(history.seasonal[number]!, season.smoothed)),
  );
  return { ...model, seasons, history: { ...history, residuals, startVariances } };
}

/** Those stay that do not follow from the season in the history: of one that goes on from what was measured. */
function withoutEnds(season: ModelSeason, values: Float64Array): ModelSeason {
  const { ends } = season.smoothed;
  const follow = seasonEnds(values, season.smoothed).every((end, at) => Object.is(end, ends[at]));
  return follow ? withEnds(season, new Float64Array(0)) : season;
}

function withEnds(season: ModelSeason, ends: Float64Array): ModelSeason {
  return { ...season, smoothed: { ...season.smoothed, ends } };
}

/** FNV-1a. Source: Fowler, Noll & Vo (1991). */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
