/** @file The walls between the rooms of src/, checked by dependency-cruiser inside `npm test`. See src/README.md. */

/** What each room may import besides itself. */
const ROOMS = {
  base: [],
  domain: ['base'],
  metrics: ['base', 'domain'],
  dataset: ['base', 'domain'],
  storage: ['base', 'domain'],
  kernels: ['base'],
  networks: ['base', 'domain'],
  weights: ['base', 'domain'],
  training: ['base', 'domain', 'metrics', 'dataset', 'storage', 'kernels', 'networks', 'weights'],
  explain: ['base', 'domain', 'metrics', 'networks', 'weights', 'kernels'],
  worker: ['base', 'domain', 'metrics', 'dataset', 'storage', 'kernels', 'networks', 'weights', 'training', 'explain'],
  bench: ['base', 'domain', 'kernels', 'networks', 'training'],
  state: ['base', 'domain', 'metrics', 'dataset', 'storage'],
  ui: ['base', 'domain'],
  desks: ['state', 'ui', 'metrics', 'domain', 'base'],
};

/** The rooms that may use TensorFlow.js. */
const TENSOR_ROOMS = ['kernels', 'networks', 'weights', 'training', 'explain', 'worker', 'bench'];
const WORKER_SIDE = ['base', 'domain', 'metrics', 'dataset', 'storage', ...TENSOR_ROOMS];

const walls = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `wall-${room}`,
  comment: `${room}/ may import only: ${[room, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...walls,
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'tensors-stay-below',
      comment: 'TensorFlow.js belongs to the rooms that compute; nothing on the page side may load it.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${TENSOR_ROOMS.join('|')})/` },
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
      name: 'desks-stand-alone',
      severity: 'error',
      from: { path: '^src/desks/([^/]+)/' },
      to: { path: '^src/desks/([^/]+)/', pathNot: '^src/desks/$1/' },
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
