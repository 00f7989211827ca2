/**
 * @file The boundaries between the modules of src/, checked by dependency-cruiser inside `npm test`, and how files are named.
 *
 * `check-boundaries.mjs` runs these rules, and checks that every arrow of the table is used.
 */

const { MODULES } = require('./modules.cjs');

const anyOf = (/** @type {{ name: string }[]} */ modules) => modules.map(({ name }) => name).join('|');

/** Kebab-case in a module of the table, and what may stand behind a name. Beside the modules, the page's entry. */
const WELL_NAMED = [
  `^src/(${anyOf(MODULES)})/[a-z0-9/-]+([.](gpu|device))?([.]test|[.]test-worker|[.]module)?[.](tsx?|css|json)$`,
  '^src/[a-z0-9-]+([.]module)?[.](tsx?|css)$',
];
const FOR_TESTS = '(^src/fuzz/.*|[.]test[.]tsx?|[.]test-worker[.]ts|-test-kit[.]tsx?|/fakes[.]ts)$';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const boundaries = MODULES.map(({ name, imports }) => ({
  name: `boundary-${name}`,
  comment: `${name}/ may import only: ${[name, ...imports].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: `^src/(${[name, ...imports].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const typesAlone = MODULES.flatMap(({ name, onlyTypes }) =>
  onlyTypes.map((imported) => ({
    name: `${name}-knows-${imported}-as-types`,
    severity: 'error',
    from: { path: `^src/${name}/`, pathNot: FOR_TESTS },
    to: { path: `^src/${imported}/`, dependencyTypesNot: ['type-only'] },
  })),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...boundaries,
    ...typesAlone,
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'tensors-stay-below',
      comment: 'TensorFlow.js belongs to the modules that compute; nothing on the page side may load it.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${anyOf(MODULES.filter(({ usesTensors }) => usesTensors))})/` },
      to: { path: 'node_modules/@tensorflow' },
    },
    {
      name: 'no-page-in-workers',
      comment: 'Nothing at or below worker/ may load React or zustand.',
      severity: 'error',
      from: { path: `^src/(${anyOf(MODULES.filter(({ isOfPage }) => !isOfPage))})/` },
      to: { path: 'node_modules/(react|react-dom|zustand|@mantine|recharts)/' },
    },
    {
      name: 'screens-stand-alone',
      severity: 'error',
      from: { path: '^src/screens/([^/]+)/' },
      to: { path: '^src/screens/([^/]+)/', pathNot: '^src/screens/$1/' },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^src/', pathNot: FOR_TESTS },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@(types|webgpu)/' },
    },
    {
      name: 'test-kits-are-for-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: FOR_TESTS },
      to: { path: FOR_TESTS },
    },
    {
      name: 'file-names',
      comment:
        'Kebab-case in a module of the table: x.ts, x.test.ts, x.gpu.test.ts, x.device.test.ts, x-test-kit.ts, x.test-worker.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: WELL_NAMED },
      to: {},
    },
    {
      name: 'file-names-of-imported',
      comment: 'Kebab-case in a module of the table; fixtures lie in a folder of that name.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: [...WELL_NAMED, '/fixtures/'] },
    },
    {
      name: 'no-orphans',
      comment: 'Imports nothing, and nothing imports it: left over, or a misspelt name.',
      severity: 'error',
      from: { path: '^src/', pathNot: '[.]d[.]ts$', orphan: true },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
