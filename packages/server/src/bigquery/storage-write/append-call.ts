import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Logger } from '../../logger.js';
import type { Readiness } from '../../ports/ingest.js';
import type { Column } from '../sql/plan.js';
import { FieldError } from './field-error.js';
import { readDescriptor } from './row-descriptor.js';
import { planRows, type RowPlan, RowReader } from './row-plan.js';
import { sameColumns } from './table-path.js';
import { MalformedError } from './wire-reader.js';
import { appendedMessage, refusedMessage } from './write-answers.js';
import { asWriteError, invalid, type RowError, WriteError } from './write-error.js';
import { type AppendRequest, MISSING_VALUE, parsed, readAppendRequest } from './write-requests.js';
import type { AppendedRows } from './write-stream.js';
import type { WriteStreams } from './write-streams.js';

/** Of one connection: while its first requests are being stored, these may wait; further ones are not read yet. */
const IN_FLIGHT_MAX = 8;
/** What all connections together may have waiting. */
const WAITING_BYTES_MAX = 128 * 1024 * 1024;
/** "The size of a single AppendRowsRequest must be less than 10 MB" (storage.proto). */
export const REQUEST_BYTES_MAX = 10 * 1024 * 1024;
const ROW_ERRORS_MAX = 1000;

export type AppendStream = ServerDuplexStream<Buffer, Buffer>;

/** Bytes of requests that are not answered yet, of all connections. */
export class Waiting {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = WAITING_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** False where there is no room. One request always finds room in an empty queue. */
  take(bytes: number): boolean {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export interface AppendParts {
  readonly streams: WriteStreams;
  readonly waiting: Waiting;
  readonly readiness: () => Readiness;
  readonly log: Logger;
  /** Ends the call with a status. */
  readonly fail: (call: AppendStream, error: WriteError) => void;
  readonly onOver: (call: AppendCall) => void;
}

/**
 * One connection of AppendRows. Requests are read and stored in order, several at once; answers come in the order of the
 * requests. What is wrong with rows is answered and the connection goes on; what is wrong with the connection (no such
 * stream, no schema) ends it.
 */
export class AppendCall {
  readonly #call: AppendStream;
  readonly #parts: AppendParts;
  #answered: Promise<void> = Promise.resolve();
  #inFlight = 0;
  #over = false;
  #stopping = false;
  #stream = '';
  #plan: { readonly plan: RowPlan; readonly descriptor: Buffer; readonly entry: object } | undefined;
  #descriptor: Buffer | undefined;
  #toldColumns: readonly Column[] | undefined;
  #defaultMissingValue: number = MISSING_VALUE.null;

  constructor(call: AppendStream, parts: AppendParts) {
    this.#call = call;
    this.#parts = parts;
    call.on('data', (bytes: Buffer) => this.#take(bytes));
    call.on('end', () => void this.#afterAll(() => this.#close()));
    call.on('cancelled', () => this.#end());
  }

  /** Answers what has come, then ends the connection. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#call.pause();
    await this.#afterAll(() => this.#fail(new WriteError('UNAVAILABLE', 'The server is stopping.')));
  }

  async #afterAll(then: () => void): Promise<void> {
    await this.#answered;
    then();
  }

  #close(): void {
    if (this.#end()) this.#call.end();
  }

  #fail(error: WriteError): void {
    if (this.#end()) this.#parts.fail(this.#call, error);
  }

  /** False where it was over already. */
  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#parts.onOver(this);
    return true;
  }

  #take(bytes: Buffer): void {
    if (this.#over) return;
    const { waiting } = this.#parts;
    const taken = waiting.take(bytes.length);
    if (++this.#inFlight >= IN_FLIGHT_MAX) this.#call.pause();
    const answer = taken ? this.#answer(bytes) : Promise.resolve(refusedMessage(this.#stream, queueFull()));
    this.#answered = this.#answered
      .then(() => answer)
      .then(
        (message) => {
          if (!this.#over) this.#call.write(message);
        },
        (error: unknown) => this.#fail(this.#explained(error)),
      )
      .finally(() => {
        if (taken) waiting.give(bytes.length);
        if (--this.#inFlight < IN_FLIGHT_MAX && !this.#stopping) this.#call.resume();
      });
    // Its failure is looked at when its turn comes.
    answer.catch(() => {});
  }

  /** Rejects where the connection is to end. */
  async #answer(bytes: Buffer): Promise<Buffer> {
    const request = parsed(readAppendRequest, bytes);
    this.#readTarget(request);
    const name = this.#stream;
    const entry = this.#parts.streams.columnsOf(name);
    const newColumns = this.#changedColumns(entry.columns);
    if (bytes.length > REQUEST_BYTES_MAX) {
      const size = `${bytes.length} bytes`;
      return refusedMessage(
        name,
        invalid(`The request has ${size}; at most ${REQUEST_BYTES_MAX} are taken at once.`),
      );
    }
    try {
      this.#refuseWhenNotReady();
      const rows = this.#readRows(request, entry);
      const offset = await this.#parts.streams.append(name, rows, request.offset);
      return appendedMessage(name, offset, newColumns);
    } catch (error) {
      return refusedMessage(name, this.#explained(error));
    }
  }

  #refuseWhenNotReady(): void {
    const { ready, reason = 'nothing can be stored', hint = '' } = this.#parts.readiness();
    if (!ready) throw new WriteError('UNAVAILABLE', `Rows are not taken now: ${reason}. ${hint}`.trim());
  }

  #readTarget({ writeStream, descriptor, kind, defaultMissingValue }: AppendRequest): void {
    if (writeStream !== '' && writeStream !== this.#stream) {
      this.#stream = writeStream;
      this.#plan = undefined;
      this.#toldColumns = undefined;
    }
    if (this.#stream === '') throw invalid('The first request of a connection must name the write_stream.');
    if (kind === 'arrow') {
      throw new WriteError('UNIMPLEMENTED', 'Rows in Arrow format are not supported here; send proto_rows.');
    }
    if (descriptor !== undefined) this.#descriptor = Buffer.from(descriptor);
    if (this.#descriptor === undefined) {
      throw invalid('The first request of a connection must bring proto_rows.writer_schema.');
    }
    if (defaultMissingValue !== MISSING_VALUE.unspecified) this.#defaultMissingValue = defaultMissingValue;
  }

  /** Told once where the table got others since the connection began. */
  #changedColumns(columns: readonly Column[]): readonly Column[] | undefined {
    const told = this.#toldColumns;
    this.#toldColumns = columns;
    return told === undefined || sameColumns(told, columns) ? undefined : columns;
  }

  #readRows(request: AppendRequest, entry: AppendedRows['entry']): AppendedRows {
    if (request.kind === 'none' || request.rows.length === 0) throw invalid('The request brings no rows.');
    const plan = this.#planFor(entry);
    this.#refuseDefaults(request, plan);
    const reader = new RowReader(plan);
    const faults: RowError[] = [];
    request.rows.forEach((row, index) => {
      try {
        reader.add(row);
      } catch (error) {
        if (!(error instanceof FieldError || error instanceof MalformedError)) throw error;
        if (faults.length < ROW_ERRORS_MAX) faults.push({ index, message: sentence(error) });
      }
    });
    if (faults.length === 0) return { entry, columns: reader.columns(), rowCount: request.rows.length };
    throw new WriteError(
      'INVALID_ARGUMENT',
      'Errors found while processing rows. Please refer to the row_errors field.',
      {
        rowErrors: faults,
        entity: this.#stream,
      },
    );
  }

  #planFor(entry: AppendedRows['entry']): RowPlan {
    const descriptor = this.#descriptor!;
    const known = this.#plan;
    if (known !== undefined && known.descriptor === descriptor && known.plan.columns === entry.columns)
      return known.plan;
    const { dataset, table, columns } = entry;
    const plan = planRows(parsed(readDescriptor, descriptor), columns, `${dataset}.${table}`);
    this.#plan = { plan, descriptor, entry };
    return plan;
  }

  /** Expressions are not computed here, and NULL would be wrong. */
  #refuseDefaults({ missingValues }: AppendRequest, { columns }: RowPlan): void {
    for (const { name, defaultValueExpression } of columns) {
      if (defaultValueExpression === undefined) continue;
      if ((missingValues.get(name) ?? this.#defaultMissingValue) !== MISSING_VALUE.default) continue;
      throw new WriteError(
        'UNIMPLEMENTED',
        `DEFAULT_VALUE is not supported here for a column that has a default value: ${name}. Send the value.`,
      );
    }
  }

  #explained(error: unknown): WriteError {
    const explained = asWriteError(error);
    if (explained.code === 13) this.#parts.log.error({ err: error }, 'Rows could not be stored.');
    return explained;
  }
}

function sentence({ message }: Error): string {
  const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return text.endsWith('.') ? text : `${text}.`;
}

function queueFull(): WriteError {
  return new WriteError(
    'RESOURCE_EXHAUSTED',
    'Too many rows are waiting to be stored; send them again a little later.',
  );
}
