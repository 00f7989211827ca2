/**
 * @file What a weight is, read from the names that the versions of Keras gave it.
 *
 * `block1_conv1/kernel:0`, `block1_conv1_1/kernel:0`, `kernel`, `block1_conv1_W_1:0`, `bn_running_mean`: the last part
 * of the path, without `:0` and without a number at its end, tells it. Keras 1 called the moving variance `running_std`;
 * it held the variance all the same.
 */

import type { WeightName } from '../domain/architecture';

const MEANINGS: Record<string, WeightName> = {
  kernel: 'kernel',
  W: 'kernel',
  bias: 'bias',
  b: 'bias',
  gamma: 'gamma',
  beta: 'beta',
  moving_mean: 'moving_mean',
  running_mean: 'moving_mean',
  moving_variance: 'moving_variance',
  running_std: 'moving_variance',
};

/** Kernels of separable and recurrent layers end like a convolution's and are none. */
const OTHER_KERNEL = /(depthwise|pointwise|recurrent)_kernel$/;

/** The meaning of a weight's name in a file, or null when it is none that Thorax' networks have. */
export function parseWeightName(name: string): WeightName | null {
  const stem = (name.split('/').at(-1) ?? '').replace(/:\d+$/, '').replace(/_\d+$/, '');
  if (OTHER_KERNEL.test(stem)) return null;
  const ending = Object.keys(MEANINGS).find((word) => stem === word || stem.endsWith(`_${word}`));
  return ending === undefined ? null : MEANINGS[ending];
}

/** Layers that Keras numbers in the order of their making, counting on through a session. */
const AUTO_NUMBERED = /^(conv2d|batch_normalization)(?:_(\d+))?$/;

/**
 * Pairs a network's layers with a file's: by name, except that auto-numbered layers pair by rank of their number within
 * their kind. `keras.applications` gives `conv2d`, `conv2d_1`, ... to the first InceptionV3 of a session, while the
 * official file counts `conv2d_1` to `conv2d_94`: equal names would pair neighbours.
 * @returns for each name of `ours` that found a partner, the name in the file
 */
export function alignLayers(ours: readonly string[], theirs: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  const known = new Set(theirs);
  for (const name of ours) {
    if (!AUTO_NUMBERED.test(name) && known.has(name)) pairs.set(name, name);
  }
  const theirRanks = rankAutoNumbered(theirs);
  for (const [kind, names] of rankAutoNumbered(ours)) {
    const partners = theirRanks.get(kind) ?? [];
    names.slice(0, partners.length).forEach((name, rank) => {
      pairs.set(name, partners[rank]);
    });
  }
  return pairs;
}

/** The auto-numbered names by kind, each kind in the order of its numbers. */
function rankAutoNumbered(names: readonly string[]): Map<string, string[]> {
  const numbered = names
    .map((name) => ({ name, match: AUTO_NUMBERED.exec(name) }))
    .flatMap(({ name, match }) => (match ? [{ name, kind: match[1], number: Number(match[2] ?? 0) }] : []))
    .sort((a, b) => a.number - b.number);
  const ranks = new Map<string, string[]>();
  for (const { name, kind } of numbered) ranks.set(kind, [...(ranks.get(kind) ?? []), name]);
  return ranks;
}
