import { boundOnce, tooComplex } from './expression.js';
import { MACROS } from './macros.js';
import type { Plan, QueryPlan, Relation } from './plan.js';

/**
 * DuckDB puts an argument of a macro wherever its parameter stands, so calls within calls grow like a power: seven of
 * SUBSTR would keep it busy for minutes before it begins, and nothing can interrupt that. Where an argument is long
 * and would be copied, it is computed once instead, as the element of a list.
 */
const COPIED_MAX = 1000;
/** Characters of a statement with all macros in it, whatever its text, and for each character of that. */
const EXPANDED_MIN = 400_000;
const EXPANDED_PER_CHARACTER = 100;

const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_]\w*\(?|[[\](){},]|\d+|\s+|[\s\S]/gy;

/** A piece of SQL and how long it is once macros stand in it. */
interface Piece {
  readonly sql: string;
  readonly size: number;
}

interface Macro {
  readonly size: number;
  /** How often each argument stands in it, other macros followed. */
  readonly copies: readonly number[];
}

const known = new Map<string, Macro>();
const bodies = new Map(
  Object.entries(MACROS).map(([head, body]) => [head.slice(0, head.indexOf('(')), { head, body }]),
);

/** A plan whose SQL does not grow; `characters` of a statement and of the views that it reads. */
export function withoutGrowth<Given extends Plan | QueryPlan>(plan: Given, characters: number): Given {
  const most = EXPANDED_MIN + EXPANDED_PER_CHARACTER * characters;
  return shrunk(plan, (sql) => bounded(sql, most)) as Given;
}

type Shrink = (sql: string) => string;

function shrunk(plan: Plan | QueryPlan, shrink: Shrink): Plan {
  switch (plan.kind) {
    case 'query':
      return shrunkQuery(plan, shrink);
    case 'dml': {
      const { source } = plan;
      const whole = { ...plan, sql: shrink(plan.sql), relations: shrunkRelations(plan, shrink) };
      return source === undefined ? whole : { ...whole, source: shrunkQuery(source, shrink) };
    }
    case 'ddl':
    case 'declare':
    case 'set':
      return { ...plan, sql: plan.sql.map(shrink), relations: shrunkRelations(plan, shrink) };
    case 'createModel': {
      const { customHolidays } = plan;
      const whole = { ...plan, query: shrunkQuery(plan.query, shrink) };
      if (customHolidays === undefined) return whole;
      return { ...whole, customHolidays: shrunkQuery(customHolidays, shrink) };
    }
    case 'dropModel':
      return plan;
  }
}

function shrunkQuery(plan: QueryPlan, shrink: Shrink): QueryPlan {
  return { ...plan, sql: shrink(plan.sql), relations: shrunkRelations(plan, shrink) };
}

function shrunkRelations(
  { relations }: { readonly relations: readonly Relation[] },
  shrink: Shrink,
): Relation[] {
  return relations.map((relation) =>
    relation.kind === 'ml' && relation.input !== undefined
      ? { ...relation, input: shrunkQuery(relation.input, shrink) }
      : relation,
  );
}

function bounded(sql: string, most: number): string {
  // Reading it to its end would take long.
  if (sql.length > most) throw tooComplex();
  const { sql: found, size } = new Reader(sql).all();
  if (size > most) throw tooComplex();
  return found;
}

function macroNamed(name: string): Macro | undefined {
  const found = known.get(name);
  const written = bodies.get(name);
  if (found !== undefined || written === undefined) return found;
  const { head, body } = written;
  const parameters = head
    .slice(name.length + 1, -1)
    .split(',')
    .map((parameter) => parameter.trim());
  const sizeWith = (sizes: ReadonlyMap<string, number>) => new Reader(body, sizes).all().size;
  const size = sizeWith(new Map(parameters.map((parameter) => [parameter, 0])));
  const far = 1_000_000_000;
  const copies = parameters.map((parameter) => {
    const sizes = new Map(parameters.map((one) => [one, one === parameter ? far : 0]));
    return Math.round((sizeWith(sizes) - size) / far);
  });
  const macro = { size, copies };
  known.set(name, macro);
  return macro;
}

/** Goes through SQL of ours, quotes and brackets observed. */
class Reader {
  readonly #tokens: readonly string[];
  /** Of parameters, within the body of a macro, which is only measured. */
  readonly #sizes: ReadonlyMap<string, number> | undefined;
  #at = 0;

  constructor(sql: string, sizes?: ReadonlyMap<string, number>) {
    this.#tokens = sql.match(TOKEN) ?? [];
    this.#sizes = sizes;
  }

  all(): Piece {
    return this.#until(() => false);
  }

  /** What stands up to a bracket that was not opened here, or to what `ends` says, at this level. */
  #until(ends: (token: string) => boolean): Piece {
    const parts: string[] = [];
    let size = 0;
    let depth = 0;
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at]!;
      const name = token.endsWith('(') ? token.slice(0, -1) : '';
      const macro = name.startsWith('bq_') ? macroNamed(name) : undefined;
      if (macro !== undefined) {
        const call = this.#call(token, macro);
        parts.push(call.sql);
        size += call.size;
        continue;
      }
      if (depth === 0 && ends(token)) break;
      if (/[([{]$/.test(token) && !/^['"]/.test(token)) depth++;
      else if (token === ')' || token === ']' || token === '}') depth--;
      parts.push(token);
      size += this.#sizes?.get(token) ?? token.length;
    }
    return { sql: parts.join(''), size };
  }

  /** A macro's call; leaves the place at its closing bracket. */
  #call(opening: string, { size, copies }: Macro): Piece {
    const values: Piece[] = [];
    do {
      this.#at++;
      values.push(this.#until((token) => token === ',' || token === ')'));
    } while (this.#tokens[this.#at] === ',');
    const copied = (value: Piece, i: number) => (copies[i] ?? 1) > 1 && value.size > COPIED_MAX;
    if (this.#sizes === undefined && values.some(copied)) return this.#once(opening, size, values);
    const inside = values.reduce((sum, value, i) => sum + value.size * (copies[i] ?? 1), size);
    return { sql: `${opening}${values.map((value) => value.sql).join(',')})`, size: inside };
  }

  #once(opening: string, size: number, values: readonly Piece[]): Piece {
    const sql = boundOnce(
      values.map((value) => value.sql),
      (given) => `${opening}${given.join(', ')})`,
    );
    return { sql, size: size + values.reduce((sum, value) => sum + value.size, 100) };
  }
}
