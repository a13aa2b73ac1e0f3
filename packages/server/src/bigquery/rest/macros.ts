import { createHash } from 'node:crypto';
import type { SqlSession } from '../../ports/sql-engine.js';
import { MACRO_STATEMENTS } from '../sql/macros.js';

/** In seismo_store.meta: which macros the file has. */
const NAME = 'sql_macros';

/**
 * Makes the functions that translated SQL calls, once for a data folder and again where this program has others: on
 * each connection it would take longer than most queries.
 */
export async function installMacros(session: SqlSession): Promise<void> {
  const statements = MACRO_STATEMENTS.map((one) => one.replace(' TEMP MACRO ', ' MACRO '));
  const hash = createHash('sha256').update(statements.join('\n')).digest().readUIntBE(0, 6);
  const [row] = await session.rows(`SELECT value FROM seismo_store.meta WHERE name = '${NAME}'`);
  if (Number(row?.[0]) === hash) return;
  await session.run('BEGIN');
  try {
    for (const statement of statements) await session.run(statement);
    await session.run(`DELETE FROM seismo_store.meta WHERE name = '${NAME}'`);
    await session.run(`INSERT INTO seismo_store.meta VALUES ('${NAME}', ${hash})`);
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK').catch(() => {});
    throw error;
  }
}
