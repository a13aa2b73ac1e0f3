/**
 * Which way imports may point: model ← ports ← stages ← pipeline ← main; adapters know model, ports and errors;
 * the engine knows nothing of anybody. `scripts/test/check-layers.js` runs these rules.
 */
const server = (path) => `^packages/server/src/${path}`;
const STAGES = ['ingest', 'detect', 'serve', 'alert', 'store', 'bigquery'];
/** Small things that every part of the server may know. */
const SHARED =
  '(model/|errors\\.ts$|self-metrics\\.ts$|logger\\.ts$|config\\.ts$|cloud-config\\.ts$|trace-context\\.ts$)';
const ENGINE = '^packages/engine/(src|dist)/';
/** What judges past samples in the browser, in a thread of its own: the one place of the page with the engine in it. */
const BACKTEST = '^packages/dashboard/src/worker/';
const TEST = '\\.test\\.tsx?$';

const stageRules = STAGES.map((stage) => ({
  name: `stage-${stage}`,
  comment:
    'Stages meet in model/, ports/ and pipeline.ts, never in each other; adapters reach them as ports.',
  severity: 'error',
  from: { path: server(`${stage}/`), pathNot: TEST },
  to: { path: server(''), pathNot: [server(`${stage}/`), server('ports/'), server(SHARED)] },
}));

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-undeclared-dependency',
      comment: 'Every package imported stands in the package.json of the workspace that imports it.',
      severity: 'error',
      from: { path: '^packages/', pathNot: TEST },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: { path: '^packages/(engine|server)/src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'engine-alone',
      comment: 'Pure numerics: runs in a browser, so no package, no built-in, no file outside itself.',
      severity: 'error',
      from: { path: '^packages/engine/src/', pathNot: TEST },
      to: { pathNot: '^packages/engine/src/' },
    },
    {
      name: 'model-alone',
      severity: 'error',
      from: { path: server('(model/|errors\\.ts$)'), pathNot: TEST },
      to: { path: '^packages/', pathNot: [server('(model/|errors\\.ts$)'), ENGINE] },
    },
    {
      name: 'ports-know-model',
      severity: 'error',
      from: { path: server('ports/'), pathNot: TEST },
      to: { path: '^packages/', pathNot: [server('(model/|ports/|errors\\.ts$)'), ENGINE] },
    },
    {
      name: 'shared-files-know-model',
      severity: 'error',
      from: { path: server('(self-metrics|logger|config|cloud-config|trace-context)\\.ts$') },
      to: { path: '^packages/', pathNot: [server(SHARED)] },
    },
    ...stageRules,
    {
      name: 'adapters-know-ports',
      severity: 'error',
      from: { path: server('adapters/'), pathNot: TEST },
      to: {
        path: '^packages/',
        pathNot: [server('(adapters/|model/|ports/|errors\\.ts$|self-metrics\\.ts$|logger\\.ts$)'), ENGINE],
      },
    },
    {
      name: 'adapters-apart',
      comment: 'Embedded and cloud are two houses.',
      severity: 'error',
      from: { path: server('adapters/([^/]+)/') },
      to: { path: server('adapters/([^/]+)/'), pathNot: server('adapters/$1/') },
    },
    {
      name: 'pipeline-below-main',
      severity: 'error',
      from: { path: server('pipeline\\.ts$') },
      to: { path: server('(main\\.ts$|cli/|serve/)') },
    },
    {
      name: 'roles-without-the-machine',
      comment:
        'A service on Google Cloud loads nothing of the embedded server: no DuckDB, no page, no detector.',
      severity: 'error',
      from: { path: server('roles/'), pathNot: TEST },
      to: {
        path: [
          server('(pipeline|upkeep)\\.ts$'),
          server('(adapters/embedded|detect|serve/live)/'),
          server('serve/(http-server|routes/(dashboard|live|backup|session))\\.ts$'),
        ],
      },
    },
    {
      name: 'roles-reach-no-duckdb',
      comment: 'Not by any way round either.',
      severity: 'error',
      from: { path: server('roles/'), pathNot: TEST },
      to: { path: [server('adapters/embedded/'), 'node_modules/@duckdb/'], reachable: true },
    },
    {
      name: 'nobody-imports-main',
      severity: 'error',
      from: { path: server(''), pathNot: [server('(main\\.ts$|cli/)')] },
      to: { path: server('(main\\.ts$|cli/)') },
    },
    {
      name: 'page-knows-only-shapes',
      comment:
        'The page talks HTTP; it shares types, never code, and of the server only the shapes of the API.',
      severity: 'error',
      from: { path: '^packages/dashboard/', pathNot: BACKTEST },
      to: {
        path: '^packages/(server|engine)/',
        pathNot: '^packages/server/(src|dist)/serve/(model-)?schemas\\.',
      },
    },
    {
      name: 'page-shares-types-only',
      severity: 'error',
      from: { path: '^packages/dashboard/', pathNot: BACKTEST },
      to: { path: '^packages/(server|engine)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'backtest-knows-engine',
      severity: 'error',
      from: { path: BACKTEST, pathNot: TEST },
      to: { path: '^packages/(server/|engine/(src|dist)/(?!(streaming|evaluation)/))' },
    },
    {
      name: 'nobody-imports-page',
      severity: 'error',
      from: { path: '^packages/(engine|server)/' },
      to: { path: '^packages/dashboard/' },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: TEST },
      to: { path: ['^(tests|benchmarks|scripts)/', TEST] },
    },
  ],
  options: {
    // Imports of types count: a layer that knows another's types knows the layer.
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/test-data/'] },
    combinedDependencies: false,
  },
  resolveOptions: {
    extensions: ['.ts', '.tsx', '.js', '.d.ts'],
    extensionAlias: { '.js': ['.ts', '.tsx', '.js', '.d.ts'] },
    conditionNames: ['types', 'import', 'default'],
    exportsFields: ['exports'],
  },
};
