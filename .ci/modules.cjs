/**
 * @file What each module of src/ may import besides itself: the table of src/README.md, which says the same.
 *
 * `(types)` allows types alone, `tfjs` means TensorFlow.js.
 */

/** @type {Record<string, string>} */
const TABLE = {
  base: 'nothing',
  domain: 'base',
  architectures: 'base, domain',
  metrics: 'domain',
  dataset: 'base, domain',
  storage: 'base, domain',
  kernels: 'base, tfjs',
  networks: 'base, domain, architectures, tfjs',
  exchange: 'base, domain, architectures, storage (types), networks, tfjs',
  backup: 'base, domain, storage, exchange',
  training: 'base, domain, architectures, metrics, storage (types), kernels, networks, exchange (types), tfjs',
  explain: 'base, domain, architectures, metrics, kernels, networks, tfjs',
  worker:
    'base, domain, architectures, metrics, dataset, storage, kernels, networks, exchange, backup, training, explain, tfjs',
  bench: 'base, domain, architectures, kernels, networks, training, tfjs',
  fuzz: 'base, domain, architectures, dataset, storage, exchange, backup, worker',
  offline: 'nothing',
  state: 'base, domain, architectures, storage (types), offline',
  ui: 'base, domain',
  screens: 'domain, architectures, state, ui',
};

/** Modules of the page; all others run in workers too. */
const PAGE = ['state', 'ui', 'screens'];

/** @type {{ name: string, imports: string[], onlyTypes: string[], usesTensors: boolean, isOfPage: boolean }[]} */
const MODULES = Object.entries(TABLE).map(([name, row]) => {
  const words = row === 'nothing' ? [] : row.split(', ');
  return {
    name,
    imports: words.filter((word) => word !== 'tfjs').map((word) => word.split(' ')[0]),
    onlyTypes: words.filter((word) => word.endsWith(' (types)')).map((word) => word.split(' ')[0]),
    usesTensors: words.includes('tfjs'),
    isOfPage: PAGE.includes(name),
  };
});

module.exports = { TABLE, MODULES };
