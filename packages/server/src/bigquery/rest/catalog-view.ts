import type { MlModels } from '../ml/ml-models.js';
import type { CatalogView } from '../sql/plan.js';
import type { Catalog } from './catalog.js';

/** Tables and models as the translation of SQL asks for them. */
export function catalogView(catalog: Catalog, ml: MlModels): CatalogView {
  return {
    dataset: (dataset) => catalog.dataset(dataset) !== undefined,
    table(dataset, table) {
      const entry = catalog.table(dataset, table);
      if (entry === undefined) return undefined;
      const { columns, viewQuery, readAs, readWithout } = entry;
      return {
        kind: entry.kind === 'VIEW' ? 'view' : 'table',
        columns,
        ...(viewQuery === undefined ? {} : { viewQuery }),
        ...(readAs === undefined ? {} : { readAs }),
        ...(readWithout === undefined ? {} : { readWithout }),
      };
    },
    tables: (dataset) =>
      catalog
        .tables(dataset)
        .sort((a, b) => a.createdMs - b.createdMs)
        .map(({ table }) => table),
    model: (dataset, model) => ml.has(dataset, model),
    mlColumns: (call) => ml.columns(call),
  };
}
