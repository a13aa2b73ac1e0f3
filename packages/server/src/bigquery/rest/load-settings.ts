import type { Column } from '../sql/plan.js';
import { type Fields, object, text, wholeNumber } from './request.js';
import { RestError } from './rest-error.js';
import { fromRestFields } from './table-schema.js';

const WRITE_DISPOSITIONS = ['WRITE_APPEND', 'WRITE_TRUNCATE', 'WRITE_TRUNCATE_DATA', 'WRITE_EMPTY'] as const;

/** What becomes of rows that are there; WRITE_TRUNCATE_DATA keeps the columns, WRITE_TRUNCATE replaces them too. */
export type WriteDisposition = (typeof WRITE_DISPOSITIONS)[number];

/** What a load job asks for: `configuration.load`, read and checked. */
export interface LoadSettings {
  readonly dataset: string;
  readonly table: string;
  readonly format: 'CSV' | 'NEWLINE_DELIMITED_JSON';
  /** Absent: those of the table, or to be found out. */
  readonly columns?: readonly Column[];
  readonly autodetect: boolean;
  readonly createNever: boolean;
  readonly write: WriteDisposition;
  readonly maxBadRecords: number;
  readonly ignoreUnknown: boolean;
  readonly addFields: boolean;
  readonly csv: CsvSettings;
  /** `timePartitioning`, `clustering` and the like of a table that is made. */
  readonly created: Fields;
}

export interface CsvSettings {
  readonly delimiter: string;
  /** Empty: nothing is quoted. */
  readonly quote: string;
  readonly skipRows: number;
  /** Whether the first row names the columns is found out: nothing was said of rows to skip. */
  readonly findHeader: boolean;
  readonly jagged: boolean;
  readonly quotedNewlines: boolean;
  readonly nullMarker: string | undefined;
}

const UNSUPPORTED = ['hivePartitioningOptions', 'projectionFields', 'decimalTargetTypes', 'fileSetSpecType'];

/** Where the rows of a load, a copy or a query go; undefined where nothing is said. */
export function readTarget(
  job: Fields,
  otherwise: WriteDisposition,
): Omit<LoadSettings, 'format' | 'autodetect' | 'maxBadRecords' | 'ignoreUnknown' | 'csv'> | undefined {
  const target = object(job.destinationTable, 'destinationTable');
  if (target === undefined) return undefined;
  const dataset = text(target.datasetId, 'destinationTable.datasetId');
  const table = text(target.tableId, 'destinationTable.tableId');
  if (dataset === undefined || table === undefined) throw targetMissing();
  const options = Array.isArray(job.schemaUpdateOptions) ? job.schemaUpdateOptions : [];
  return {
    dataset,
    table,
    createNever: isCreateNever(job.createDisposition),
    write: writeDispositionOf(job.writeDisposition, otherwise),
    addFields: options.includes('ALLOW_FIELD_ADDITION'),
    created: job,
  };
}

function isCreateNever(value: unknown): boolean {
  const asked = text(value, 'createDisposition') ?? 'CREATE_IF_NEEDED';
  if (!['CREATE_IF_NEEDED', 'CREATE_NEVER', 'CREATE_DISPOSITION_UNSPECIFIED'].includes(asked)) {
    throw new RestError('invalid', `Invalid value for createDisposition: ${asked}`, 'createDisposition');
  }
  return asked === 'CREATE_NEVER';
}

export function targetMissing(): RestError {
  return new RestError('required', 'Required parameter is missing: destinationTable', 'destinationTable');
}

export function readLoadSettings(load: Fields): LoadSettings {
  const target = readTarget(load, 'WRITE_APPEND');
  if (target === undefined) throw targetMissing();
  if (load.sourceUris !== undefined && load.sourceUris !== null) {
    throw new RestError(
      'notImplemented',
      'Loading from addresses (sourceUris) is not supported here: load a local file.',
      'sourceUris',
    );
  }
  for (const name of UNSUPPORTED) {
    const value = load[name];
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
    throw new RestError('notImplemented', `${name} is not supported here.`, name);
  }
  const schema = object(load.schema, 'schema');
  return {
    ...target,
    format: formatOf(load),
    ...(schema?.fields === undefined ? {} : { columns: fromRestFields(schema.fields) }),
    autodetect: load.autodetect === true,
    maxBadRecords: wholeNumber(load.maxBadRecords, 'maxBadRecords') ?? 0,
    ignoreUnknown: load.ignoreUnknownValues === true,
    csv: csvSettings(load),
  };
}

function formatOf(load: Fields): LoadSettings['format'] {
  const format = text(load.sourceFormat, 'sourceFormat') ?? 'CSV';
  if (format === 'CSV' || format === 'NEWLINE_DELIMITED_JSON') return format;
  throw new RestError(
    'notImplemented',
    `Files of the format ${format} cannot be loaded here: CSV and NEWLINE_DELIMITED_JSON can.`,
    'sourceFormat',
  );
}

function writeDispositionOf(value: unknown, otherwise: WriteDisposition): WriteDisposition {
  const asked = text(value, 'writeDisposition') ?? otherwise;
  const known = WRITE_DISPOSITIONS.find((one) => one === asked);
  if (known !== undefined) return known;
  if (asked === 'WRITE_DISPOSITION_UNSPECIFIED') return otherwise;
  throw new RestError('invalid', `Invalid value for writeDisposition: ${asked}`, 'writeDisposition');
}

const DELIMITERS: Readonly<Record<string, string>> = { '\\t': '\t', tab: '\t' };

function csvSettings(load: Fields): CsvSettings {
  const encoding = text(load.encoding, 'encoding') ?? 'UTF-8';
  if (encoding !== 'UTF-8')
    throw new RestError(
      'notImplemented',
      `Files in ${encoding} cannot be loaded here: UTF-8 can.`,
      'encoding',
    );
  const delimiter = text(load.fieldDelimiter, 'fieldDelimiter') ?? ',';
  return {
    delimiter: DELIMITERS[delimiter.toLowerCase()] ?? delimiter,
    quote: text(load.quote, 'quote') ?? '"',
    skipRows: wholeNumber(load.skipLeadingRows, 'skipLeadingRows') ?? 0,
    findHeader:
      load.autodetect === true && wholeNumber(load.skipLeadingRows, 'skipLeadingRows') === undefined,
    jagged: load.allowJaggedRows === true,
    quotedNewlines: load.allowQuotedNewlines === true,
    nullMarker: text(load.nullMarker, 'nullMarker'),
  };
}
