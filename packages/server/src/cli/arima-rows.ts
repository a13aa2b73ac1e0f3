import { formatSeriesTime } from '../ingest/series-time.js';
import type { ArimaColumns } from '../model/arima-columns.js';
import type { ArimaAnswer } from '../model/arima-work.js';
import type { ArimaInput } from './arima-input.js';
import type { RowCell, RowFormat } from './rows-output.js';
import { RowsWriter } from './rows-output.js';

/** A column of the output, and of which of the answer's it is made. */
export interface OutputColumn {
  readonly name: string;
  /** `time` is written as the file writes times. */
  readonly of: string;
}

export const named = (names: readonly string[]): OutputColumn[] => names.map((name) => ({ name, of: name }));

/** Writes the rows of answers, each with the ids of its series in front. */
export class AnswerWriter {
  readonly #rows: RowsWriter;
  readonly #columns: readonly OutputColumn[];
  readonly #timeForm: ArimaInput['header']['timeForm'];
  count = 0;

  constructor(format: RowFormat, { header }: Pick<ArimaInput, 'header'>, columns: readonly OutputColumn[]) {
    const names = [...header.idColumns, ...columns.map(({ name }) => name)];
    this.#rows = new RowsWriter(process.stdout, format, names);
    this.#columns = columns;
    this.#timeForm = header.timeForm;
  }

  /** All rows, or those that are wanted. */
  async add(
    { ids, answer }: { readonly ids: readonly RowCell[]; readonly answer: ArimaAnswer },
    isWanted: (columns: ArimaColumns, row: number) => boolean = () => true,
  ): Promise<void> {
    const { columns } = answer;
    if (columns === undefined) return;
    const length = Object.values(columns)[0]?.length ?? 0;
    const sources = this.#columns.map(({ of }) => columns[of]);
    for (let row = 0; row < length; row++) {
      if (!isWanted(columns, row)) continue;
      const cells = sources.map((source, at) => this.#cell(source?.[row], this.#columns[at]!.of));
      await this.addRow([...ids, ...cells]);
    }
  }

  async addRow(cells: readonly RowCell[]): Promise<void> {
    this.count++;
    await this.#rows.add(cells);
  }

  end(): Promise<void> {
    return this.#rows.end();
  }

  #cell(value: RowCell, of: string): RowCell {
    return of === 'time' ? formatSeriesTime(value as number, this.#timeForm) : value;
  }
}
