/** @file The weights of an architecture as plain data: what weights files are matched against and checkpoints hold. */

export type WeightName = 'kernel' | 'bias' | 'gamma' | 'beta' | 'moving_mean' | 'moving_variance';

export interface WeightSpec {
  /** Keras' layer name, for example `block4_conv1`. */
  layer: string;
  name: WeightName;
  /** Keras' shape: convolution kernels `[height, width, in, out]`, dense kernels `[in, out]`. */
  shape: number[];
  /** False for frozen layers and for BatchNorm's moving statistics. */
  trainable: boolean;
}

/** Key of one weight in checkpoints and maps: `block4_conv1/kernel`. */
export function weightKey(spec: Pick<WeightSpec, 'layer' | 'name'>): string {
  return `${spec.layer}/${spec.name}`;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
