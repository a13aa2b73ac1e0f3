import type { BigQueryWriteClient } from '@google-cloud/bigquery-storage';
import { AppError } from '../../errors.js';
import { fromGrpcError } from './google-errors.js';

/** A row that the table can never take, by its place in the request. */
export interface RowFault {
  readonly row: number;
  readonly message: string;
}

/** Thrown for a request of which some rows are bad; none of its rows was stored. */
export class BadRowsError extends Error {
  readonly faults: readonly RowFault[];

  constructor(faults: readonly RowFault[]) {
    super(`${faults.length} rows are bad; the first: ${faults[0]?.message}`);
    this.name = 'BadRowsError';
    this.faults = faults;
  }
}

export interface AppendTarget {
  /** `projects/P/datasets/D/tables/T` */
  readonly table: string;
  /** A DescriptorProto of the rows. */
  readonly rowDescriptor: object;
  /** Longest wait for one answer. */
  readonly answerMsMax: number;
}

type AppendStream = ReturnType<BigQueryWriteClient['appendRows']>;

interface Pending {
  readonly timer: NodeJS.Timeout;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Appends to the default stream of a table over one connection, which opens anew when it is needed after an end.
 * Answers come in the order of the requests; when the connection ends, whatever was not answered fails.
 */
export class AppendConnection {
  readonly #client: BigQueryWriteClient;
  readonly #target: AppendTarget;
  #stream: AppendStream | undefined;
  #pending: Pending[] = [];

  constructor(client: BigQueryWriteClient, target: AppendTarget) {
    this.#client = client;
    this.#target = target;
  }

  /** Resolves once BigQuery confirmed the rows; rejects with a BadRowsError or an AppError that is worth a retry. */
  append(rows: readonly Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const isFirst = this.#stream === undefined;
      const stream = this.#stream ?? this.#open();
      const timer = setTimeout(() => this.#end(stream, this.#tooLate()), this.#target.answerMsMax);
      this.#pending.push({ timer, resolve, reject });
      stream.write({
        writeStream: `${this.#target.table}/streams/_default`,
        protoRows: {
          ...(isFirst ? { writerSchema: { protoDescriptor: this.#target.rowDescriptor } } : {}),
          rows: { serializedRows: [...rows] },
        },
      });
    });
  }

  close(): void {
    if (this.#stream === undefined) return;
    this.#end(this.#stream, new AppError('not_ready', 'The service is stopping.'));
  }

  #open(): AppendStream {
    const headers = { 'x-goog-request-params': `write_stream=${this.#target.table}/streams/_default` };
    const stream = this.#client.appendRows({ otherArgs: { headers } });
    this.#stream = stream;
    stream.on('data', (answer: AppendAnswer) => this.#settle(stream, answer));
    stream.on('error', (error: unknown) => this.#end(stream, this.#explain(error)));
    stream.on('end', () => this.#end(stream, this.#ended()));
    stream.on('close', () => this.#end(stream, this.#ended()));
    return stream;
  }

  #settle(stream: AppendStream, answer: AppendAnswer): void {
    if (stream !== this.#stream) return;
    const first = this.#pending.shift();
    if (first === undefined) return;
    clearTimeout(first.timer);
    const faults = answer.rowErrors ?? [];
    if (faults.length > 0) {
      first.reject(
        new BadRowsError(
          faults.map(({ index, message }) => ({ row: Number(index ?? 0), message: message ?? '' })),
        ),
      );
    } else if (answer.error) {
      const error = this.#explain(answer.error);
      first.reject(error);
      // A connection goes on knowing the table that it began with: one that was made again wants a new one.
      if (error.code !== 'queue_full') this.#end(stream, this.#ended());
    } else first.resolve();
  }

  #end(stream: AppendStream, error: AppError): void {
    if (stream !== this.#stream) return;
    this.#stream = undefined;
    const pending = this.#pending;
    this.#pending = [];
    for (const { timer, reject } of pending) {
      clearTimeout(timer);
      reject(error);
    }
    // Only a cancelled call is over for the server too; destroyed, it would be kept open there.
    stream.cancel();
  }

  /** Without faults of single rows nothing is wrong with the samples: a table of an older form, rights, quotas. */
  #explain(error: unknown): AppError {
    const explained = fromGrpcError(error, { service: 'BigQuery', resource: this.#resource });
    if (explained.code !== 'bad_request') return explained;
    return new AppError('not_ready', explained.message, {
      hint: 'The table may have an older form: run the role migrate.',
      cause: error,
    });
  }

  #ended(): AppError {
    return new AppError('unreachable', `The connection to ${this.#resource} in BigQuery ended.`, {
      hint: 'Send again a little later.',
    });
  }

  #tooLate(): AppError {
    const seconds = this.#target.answerMsMax / 1000;
    return new AppError('unreachable', `BigQuery did not answer for ${this.#resource} within ${seconds} s.`, {
      hint: 'Send again a little later.',
    });
  }

  get #resource(): string {
    return `the table ${this.#target.table.split('/').at(-1)}`;
  }
}

/** Of google.cloud.bigquery.storage.v1.AppendRowsResponse, what is looked at. */
interface AppendAnswer {
  readonly error?: { readonly code?: number | null; readonly message?: string | null } | null;
  readonly rowErrors?: readonly { readonly index?: unknown; readonly message?: string | null }[] | null;
}
