/** @file Planted changes in checksums, stored records and files of other programs. */

/** @type {import('./list.mjs').Mutant[]} */
export const EXCHANGE_MUTANTS = [
  {
    name: 'a checksum skips bytes',
    file: 'src/base/checksum.ts',
    find: 'TABLES[bytes[at + 15]]',
    replace: 'TABLES[bytes[at + 14]]',
    tests: ['base/checksum'],
  },
  {
    name: 'a checksum forgets what came before',
    file: 'src/base/checksum.ts',
    find: 'let crc = this.register;',
    replace: 'let crc = 0xffffffff;',
    tests: ['base/checksum'],
  },
  {
    name: "layers that Keras numbers pair by the file's order",
    file: 'src/exchange/align-layers.ts',
    find: '.sort((a, b) => a.number - b.number)',
    replace: '',
    tests: ['exchange/align-layers', 'exchange/match-weights'],
  },
  {
    name: "a moving variance of Keras 1 is taken for a deviation's name",
    file: 'src/exchange/keras-weight-name.ts',
    find: "running_std: 'moving_variance'",
    replace: "running_std: 'moving_mean'",
    tests: ['exchange/keras-weight-name'],
  },
  {
    name: 'depthwise kernels are kernels',
    file: 'src/exchange/keras-weight-name.ts',
    find: '(depthwise|pointwise|recurrent)_kernel$',
    replace: '(pointwise|recurrent)_kernel$',
    tests: ['exchange/keras-weight-name'],
  },
  {
    name: 'pixels are divided by 128',
    file: 'src/domain/input-scaling.ts',
    find: 'UNIT_PIXEL = 255',
    replace: 'UNIT_PIXEL = 128',
    tests: ['exchange/read-model', 'exchange/judge-model', 'exchange/model-input', 'training/evaluate', 'domain/'],
  },
];
