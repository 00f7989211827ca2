/** @file Planted changes in layouts, splits, pixels and random numbers. */

const SPLIT = 'src/dataset/layouts/stratified-split.ts';
const SPLITS = ['layouts/stratified-split', 'layouts/recognise-layout'];

/** @type {import('./list.mjs').Mutant[]} */
export const DATASET_MUTANTS = [
  {
    name: 'patients are cut',
    file: SPLIT,
    find: 'const key = patientKey(path);',
    replace: 'const key = path;',
    tests: SPLITS,
  },
  {
    name: "a split's seed is ignored",
    file: SPLIT,
    find: "RandomStream.named(seed, 'split')",
    replace: "RandomStream.named(1, 'split')",
    tests: SPLITS,
  },
  { name: 'a fifth is held out', file: SPLIT, find: 'HELD_OUT = 0.1', replace: 'HELD_OUT = 0.2', tests: SPLITS },
  {
    name: 'a small class gets no held-out image',
    file: SPLIT,
    find: 'LEAST_FOR_ALL_SPLITS = 3',
    replace: 'LEAST_FOR_ALL_SPLITS = 30',
    tests: SPLITS,
  },
  {
    name: 'leading zeros make another patient',
    file: 'src/dataset/layouts/patient-key.ts',
    find: '[ _-]?0*(\\d+)/i',
    replace: '[ _-]?(\\d+)/i',
    tests: ['layouts/patient-key'],
  },
  {
    name: 'backslashes stay in the paths of a list',
    file: 'src/dataset/layouts/list-file.ts',
    find: ".replaceAll('\\\\', '/')",
    replace: '',
    tests: ['layouts/list-file'],
  },
  {
    name: "the byte order mark stays in a list's first path",
    file: 'src/dataset/layouts/list-file.ts',
    find: ".replace(/^\\uFEFF/, '')",
    replace: '',
    tests: ['layouts/list-file'],
  },
  {
    name: 'the folder val is no split',
    file: 'src/dataset/layouts/split-names.ts',
    find: "'val', ",
    replace: '',
    tests: ['layouts/recognise-layout'],
  },
  {
    name: 'images shrink without weighing what lies between',
    file: 'src/dataset/images/resize.ts',
    find: 'const support = Math.max(scale, 1);',
    replace: 'const support = 1;',
    tests: ['images/resize'],
  },
  {
    name: 'streams of different names are one',
    file: 'src/base/random.ts',
    find: 'hash ^ name.charCodeAt(i)',
    replace: 'hash ^ 0',
    tests: ['base/random'],
  },
  {
    name: 'the first item never moves',
    file: 'src/base/random.ts',
    find: 'i > 0; i -= 1',
    replace: 'i > 1; i -= 1',
    tests: ['base/random', 'training/keras-laws'],
  },
];
