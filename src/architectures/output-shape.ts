/** @file Shape inference: the output shape of a layer, without the batch, from the shapes it reads. */

import { sizeOf } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import type { LayerConfig, Padding } from './graph';

/**
 * The output shape of a layer, without the batch.
 * @throws {StudioError} bad-input when a window does not fit into its input.
 */
export function outputShapeOf(name: string, config: LayerConfig, inputShapes: number[][]): number[] {
  const [height, width, channels] = inputShapes[0] ?? [];
  const slide = (size: number, window: number, strides: number, padding: Padding): number => {
    const result = padding === 'same' ? Math.ceil(size / strides) : Math.floor((size - window) / strides) + 1;
    if (result < 1) {
      throw new StudioError('bad-input', `Input size is too small: nothing is left of the image at layer ${name}.`);
    }
    return result;
  };
  switch (config.kind) {
    case 'input':
      return config.shape;
    case 'conv2d':
      return [
        slide(height, config.kernel[0], config.strides, config.padding),
        slide(width, config.kernel[1], config.strides, config.padding),
        config.filters,
      ];
    case 'maxPool':
    case 'averagePool':
      return [
        slide(height, config.size, config.strides, config.padding),
        slide(width, config.size, config.strides, config.padding),
        channels,
      ];
    case 'zeroPad':
      return [height + 2 * config.padding, width + 2 * config.padding, channels];
    case 'concatenate':
      return [height, width, inputShapes.reduce((sum, shape) => sum + shape[2], 0)];
    case 'globalAveragePool':
      return [channels];
    case 'flatten':
      return [sizeOf(inputShapes[0])];
    case 'dense':
      return [config.units];
    case 'batchNorm':
    case 'relu':
      return inputShapes[0];
    default:
      return config satisfies never;
  }
}
