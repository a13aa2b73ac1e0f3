import type { ServerSqlModel, SqlModelName, SqlModels } from '../../ports/sql-models.js';

/** Models of CREATE MODEL and beside them the server's own; one of the same name that is there already goes first. */
export function withServerModel(models: SqlModels, own: ServerSqlModel): SqlModels {
  const isOwn = (name: SqlModelName) => {
    const { dataset, model } = own.header();
    return name.dataset === dataset && name.model === model && models.get(name) === undefined;
  };
  return {
    list(dataset) {
      const others = models.list(dataset);
      const header = own.header();
      if (header.dataset !== dataset || !isOwn(header)) return others;
      return [...others, header].sort((a, b) => (a.model < b.model ? -1 : 1));
    },
    get: (name) => (isOwn(name) ? own.header() : models.get(name)),
    open: (name) => (isOwn(name) ? own.open() : models.open(name)),
    create: () => models.create(),
    remove: (name) => models.remove(name),
  };
}
