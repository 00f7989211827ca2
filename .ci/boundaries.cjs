/** @file The boundaries between the modules of src/, checked by dependency-cruiser inside `npm test`. See src/README.md. */

/** What each module may import besides itself. */
const MODULES = {
  base: [],
  domain: ['base'],
  architectures: ['base', 'domain'],
  metrics: ['base', 'domain'],
  dataset: ['base', 'domain'],
  storage: ['base', 'domain'],
  kernels: ['base'],
  networks: ['base', 'domain', 'architectures'],
  exchange: ['base', 'domain', 'architectures', 'networks', 'storage'],
  training: ['base', 'domain', 'architectures', 'metrics', 'dataset', 'storage', 'kernels', 'networks', 'exchange'],
  explain: ['base', 'domain', 'architectures', 'metrics', 'kernels', 'networks', 'exchange'],
  worker: [
    'base',
    'domain',
    'architectures',
    'metrics',
    'dataset',
    'storage',
    'kernels',
    'networks',
    'exchange',
    'training',
    'explain',
  ],
  bench: ['base', 'domain', 'architectures', 'kernels', 'networks', 'training'],
  state: ['base', 'domain', 'architectures', 'metrics', 'dataset', 'storage'],
  ui: ['base', 'domain'],
  screens: ['state', 'ui', 'metrics', 'architectures', 'domain', 'base'],
};

/** The modules that may use TensorFlow.js. */
const TENSOR_MODULES = ['kernels', 'networks', 'exchange', 'training', 'explain', 'worker', 'bench'];
const WORKER_SIDE = ['base', 'domain', 'architectures', 'metrics', 'dataset', 'storage', ...TENSOR_MODULES];

const boundaries = Object.entries(MODULES).map(([module, allowed]) => ({
  name: `boundary-${module}`,
  comment: `${module}/ may import only: ${[module, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${module}/` },
  to: { path: '^src/', pathNot: `^src/(${[module, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...boundaries,
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'tensors-stay-below',
      comment: 'TensorFlow.js belongs to the modules that compute; nothing on the page side may load it.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${TENSOR_MODULES.join('|')})/` },
      to: { path: 'node_modules/@tensorflow' },
    },
    {
      name: 'no-page-in-workers',
      comment: 'Nothing at or below worker/ may load React or zustand.',
      severity: 'error',
      from: { path: `^src/(${WORKER_SIDE.join('|')})/` },
      to: { path: 'node_modules/(react|react-dom|zustand|@mantine|recharts)/' },
    },
    {
      name: 'training-knows-storage-as-types',
      severity: 'error',
      from: { path: '^src/training/', pathNot: '[.]test[.]ts$' },
      to: { path: '^src/storage/', dependencyTypesNot: ['type-only'] },
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
      from: { path: '^src/', pathNot: '([.]test[.]tsx?|-test-kit[.]ts)$' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@(types|webgpu)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
