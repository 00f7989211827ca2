/** @file Initial weights as Keras draws them: Glorot uniform kernels, zero biases, identity BatchNorm. */

import { RandomStream } from '../base/random';
import { sizeOf, type WeightSpec, weightKey } from '../domain/architecture';
import { weightSpecs } from './graph';
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
    if (isWanted(spec)) network.loadWeight(spec, initialValues(spec, seed));
  }
}

function initialValues(spec: WeightSpec, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(spec.shape));
  switch (spec.name) {
    case 'kernel':
      return glorotUniform(values, spec.shape, RandomStream.named(seed, `init/${weightKey(spec)}`));
    case 'gamma':
    case 'moving_variance':
      return values.fill(1);
    case 'bias':
    case 'beta':
    case 'moving_mean':
      return values;
    default:
      return spec.name satisfies never;
  }
}

/** Glorot and Bengio (2010): uniform in +-sqrt(6 / (fan in + fan out)), the receptive field counted in both fans. */
function glorotUniform(values: Float32Array, shape: number[], stream: RandomStream): Float32Array {
  const receptiveField = sizeOf(shape.slice(0, -2));
  const [fanIn, fanOut] = shape.slice(-2).map((channels) => channels * receptiveField);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  for (let i = 0; i < values.length; i += 1) values[i] = (stream.bits() / 2 ** 31 - 1) * limit;
  return values;
}
