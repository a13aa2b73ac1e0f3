import { ML_COLUMNS, type MlFunction, type StandInModel, standInFor } from './ml-functions.js';

/** Puts what stands for them in the place of CREATE MODEL and of calls of ML functions; all else stays. */
export class MlRewriting {
  /** By name, as the statements write it. */
  readonly #models = new Map<string, StandInModel>();

  rewrite(statement: string): string {
    return this.#functions(this.#createModel(statement));
  }

  #createModel(statement: string): string {
    const found = /CREATE (OR REPLACE )?MODEL `([^`]+)`\s*OPTIONS\s*(?=\()/.exec(statement);
    if (found === null) return statement;
    const [head, orReplace = '', name] = found;
    const optionsAt = found.index + head.length;
    const optionsEnd = closing(statement, optionsAt);
    const model = modelOf(name!, statement.slice(optionsAt + 1, optionsEnd));
    const queryAt = statement.indexOf('AS', optionsEnd) + 'AS'.length;
    const queryEnd = statement.indexOf(';', queryAt);
    this.#models.set(name!, model);
    const { table, idColumn, timeColumn, dataColumn } = model;
    return `${statement.slice(0, found.index)}CREATE ${orReplace}TABLE ${table} AS
      SELECT ${idColumn ?? "'all'"} AS series, ${timeColumn} AS minute, ${dataColumn} AS value
      FROM (${statement.slice(queryAt, queryEnd)}) WHERE ${dataColumn} IS NOT NULL${statement.slice(queryEnd)}`;
  }

  #functions(statement: string): string {
    const found = /ML\.([A-Z_]+)\s*(?=\()/.exec(statement);
    if (found === null) return statement;
    const [head, name] = found;
    if (!(name! in ML_COLUMNS)) throw new Error(`Nothing stands for ML.${name}.`);
    const start = found.index + head.length;
    const end = closing(statement, start);
    const [modelText, ...others] = topLevelParts(statement.slice(start + 1, end));
    const modelName = /^MODEL `([^`]+)`$/.exec(modelText!.trim())?.[1];
    if (modelName === undefined) throw new Error(`ML.${name} names no model.`);
    // A branch of a script that is not taken may name a model that is not there yet.
    const model = this.#models.get(modelName) ?? { ...ALL_SERIES, table: standInTable(modelName) };

    let settings: Record<string, string> = {};
    let data: string | undefined;
    for (const text of others.map((other) => other.trim())) {
      if (text.startsWith('STRUCT(')) settings = settingsOf(text.slice('STRUCT('.length, -1));
      else data = text.slice(1, -1);
    }
    const standIn = standInFor(name as MlFunction, model, settings, data);
    return this.#functions(statement.slice(0, found.index) + standIn + statement.slice(end + 1));
  }
}

const ALL_SERIES = { idColumn: 'series', timeColumn: 'minute', dataColumn: 'value', horizon: 1000 };

function standInTable(model: string): string {
  return `\`${model}_stand_in\``;
}

function modelOf(name: string, optionsText: string): StandInModel {
  const options = new Map(
    topLevelParts(optionsText).map((part) => {
      const [key, value] = part.split('=').map((text) => text.trim());
      return [key!.toLowerCase(), value!.replace(/^'(.*)'$/, '$1')];
    }),
  );
  return {
    table: standInTable(name),
    idColumn: options.get('time_series_id_col'),
    timeColumn: options.get('time_series_timestamp_col')!,
    dataColumn: options.get('time_series_data_col')!,
    horizon: Number(options.get('horizon') ?? 1000),
  };
}

/** `0.95 AS confidence_level, …` by name. */
function settingsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    topLevelParts(text).map((part) => {
      const [value, name] = part.split(/\s+AS\s+/);
      return [name!.trim(), value!.trim()];
    }),
  );
}

/** Index of the bracket that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i;
  }
  throw new Error('A bracket is not closed.');
}

/** Split at the commas that stand in no bracket. */
function topLevelParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')') depth--;
    if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
