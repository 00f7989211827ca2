/** @file Initial weights as Keras draws them: Glorot uniform kernels, zero biases, identity BatchNorm. */

import { weightSpecs } from '../architectures/graph';
import { RandomStream } from '../base/random';
import { sizeOf, type WeightSpec, weightKey } from '../domain/architecture';
import type { Network } from './network';

/**
 * Fills every weight for which `isWanted` holds. Each weight draws from a stream of its own, named after it, so loading
 * some of them from a file never changes the others.
 */
export function initializeWeights(
  network: Network,
  seed: number,
  isWanted: (spec: WeightSpec) => boolean = () => true,
): void {
  for (const spec of weightSpecs(network.graph)) {
    if (isWanted(spec)) network.fillWeight(spec, initialValues(spec, seed));
  }
}

/** Returns a function that gives the next `length` values of a weight. */
function initialValues(spec: WeightSpec, seed: number): (length: number) => Float32Array {
  switch (spec.name) {
    case 'kernel':
      return glorotUniform(spec.shape, RandomStream.named(seed, `init/${weightKey(spec)}`));
    case 'gamma':
    case 'moving_variance':
      return (length) => new Float32Array(length).fill(1);
    case 'bias':
    case 'beta':
    case 'moving_mean':
      return (length) => new Float32Array(length);
    default:
      return spec.name satisfies never;
  }
}

/** Glorot and Bengio (2010): uniform in +-sqrt(6 / (fan in + fan out)), the receptive field counted in both fans. */
function glorotUniform(shape: number[], stream: RandomStream): (length: number) => Float32Array {
  const receptiveField = sizeOf(shape.slice(0, -2));
  const [fanIn, fanOut] = shape.slice(-2).map((channels) => channels * receptiveField);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return (length) => Float32Array.from({ length }, () => (stream.bits() / 2 ** 31 - 1) * limit);
}
