/** @file All planted changes of `npm run mutants`, by where they are planted. */

import { DATASET_MUTANTS } from './dataset.mjs';
import { EXCHANGE_MUTANTS } from './exchange.mjs';
import { KERNEL_MUTANTS } from './kernels.mjs';
import { NETWORK_MUTANTS } from './networks.mjs';
import { RECOVERY_MUTANTS } from './recovery.mjs';
import { TRAINING_MUTANTS } from './training.mjs';

/**
 * @typedef {object} Mutant
 * @property {string} name what goes wrong.
 * @property {string} file path from the root.
 * @property {string} find stands once in the file.
 * @property {string} replace takes its place.
 * @property {string[]} tests words of the paths of the tests that should notice.
 * @property {true} [gpu] only tests in a browser can notice.
 * @property {string} [survives] why no test can notice; only for changes that change nothing that matters.
 */

/** @type {Mutant[]} */
export const MUTANTS = [
  ...TRAINING_MUTANTS,
  ...NETWORK_MUTANTS,
  ...KERNEL_MUTANTS,
  ...DATASET_MUTANTS,
  ...EXCHANGE_MUTANTS,
  ...RECOVERY_MUTANTS,
];
