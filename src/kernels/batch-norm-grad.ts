/**
 * @file `BatchNormGrad`: the gradient of batch normalization, and of the ReLU after it where that is fused.
 *
 * With n = (x - mean) / sqrt(variance + epsilon): dbeta = sum dy, dgamma = sum dy n, and dx = scale dy in inference mode;
 * with batch statistics dx = scale (dy - dbeta / rows - n dgamma / rows), as mean and variance depend on x
 * (Ioffe and Szegedy 2015, section 3). Three passes: sums of blocks, their sum, dx.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { COLUMN_MAIN, columnBlocks } from './column-reduction';
import { type PassBuffer, runPass } from './webgpu-pass';

export interface BatchNormGradInputs {
  /** [B, H, W, C], the layer's input and the gradient of its output. */
  x: TensorInfo;
  dy: TensorInfo;
  /** [C] */
  mean: TensorInfo;
  variance: TensorInfo;
  /** [C]; absent where the layer has no scale. */
  gamma?: TensorInfo;
  /** The layer's output after the ReLU, [B, H, W, C]; needed with `relu`. */
  y?: TensorInfo;
}

export interface BatchNormGradAttributes {
  epsilon: number;
  /** Mean and variance are the batch's own, not constants. */
  training: boolean;
  relu: boolean;
}

const COMBINE_CODE = `${COLUMN_MAIN}
  var gammaSum = 0.0;
  var betaSum = 0.0;
  for (var part = 0u; part < uniforms.blockCount; part++) {
    let at = part * 2 * uniforms.channels + channel;
    gammaSum += partial[at];
    betaSum += partial[at + uniforms.channels];
  }
  dgamma[channel] = gammaSum;
  dbeta[channel] = betaSum;
  sums[channel] = gammaSum;
  sums[channel + uniforms.channels] = betaSum;
}`;

/** To dx [B, H, W, C], dgamma [C], dbeta [C]. */
export function batchNormGrad(
  backend: WebGPUBackend,
  { x, dy, mean, variance, gamma, y }: BatchNormGradInputs,
  { epsilon, training, relu }: BatchNormGradAttributes,
): [dx: TensorInfo, dgamma: TensorInfo, dbeta: TensorInfo] {
  const masked = relu && y;
  if (relu && !y) throw new Error('BatchNormGrad with relu needs the output y.');
  const read = (name: string, tensor: TensorInfo): PassBuffer => ({ name, tensor, access: 'read' });
  const write = (name: string, tensor: TensorInfo): PassBuffer => ({ name, tensor, access: 'read_write' });
  const outer = [read('dy', dy), ...(masked ? [read('y', masked)] : [])];
  const incoming = masked ? 'select(0.0, dy[i], y[i] > 0.0)' : 'dy[i]';
  const epsilonUniform = { type: 'f32', value: epsilon } as const;

  const few = columnBlocks(x, 'few');
  const { channels } = few;
  const partial = backend.makeTensorInfo([few.blockCount, 2, channels], 'float32');
  runPass(backend, {
    key: ['batch-norm-grad-partial', !!masked].join(),
    buffers: [write('partial', partial), read('x', x), read('mean', mean), read('variance', variance), ...outer],
    uniforms: { ...few.uniforms, epsilon: epsilonUniform },
    code: () => `${COLUMN_MAIN}
  let centre = mean[channel];
  var gammaSum = 0.0;
  var betaSum = 0.0;
  for (var row = first; row < end; row++) {
    let i = row * uniforms.channels + channel;
    let d = ${incoming};
    gammaSum += d * (x[i] - centre);
    betaSum += d;
  }
  let at = block * 2 * uniforms.channels + channel;
  partial[at] = gammaSum * inverseSqrt(variance[channel] + uniforms.epsilon);
  partial[at + uniforms.channels] = betaSum;
}`,
    workgroups: few.workgroups,
  });

  const dgamma = backend.makeTensorInfo([channels], 'float32');
  const dbeta = backend.makeTensorInfo([channels], 'float32');
  // Both once more in one buffer: the last pass would bind nine, and WebGPU's default limit is eight.
  const sums = backend.makeTensorInfo([2, channels], 'float32');
  runPass(backend, {
    key: 'batch-norm-grad-combine',
    buffers: [read('partial', partial), write('dgamma', dgamma), write('dbeta', dbeta), write('sums', sums)],
    uniforms: few.uniforms,
    code: () => COMBINE_CODE,
    workgroups: few.channelWorkgroups,
  });
  backend.disposeData(partial.dataId);

  const many = columnBlocks(x, 'many');
  const dx = backend.makeTensorInfo(x.shape, 'float32');
  const statistics = [read('x', x), read('mean', mean), read('sums', sums)];
  const optional = [...(gamma ? [read('gamma', gamma)] : []), ...(training ? statistics : [])];
  runPass(backend, {
    key: ['batch-norm-grad-input', !!masked, training, !!gamma].join(),
    buffers: [write('dx', dx), read('variance', variance), ...outer, ...optional],
    uniforms: { ...many.uniforms, epsilon: epsilonUniform },
    code: () => `${COLUMN_MAIN}
  let inverse = inverseSqrt(variance[channel] + uniforms.epsilon);
  let scale = ${gamma ? 'gamma[channel] * inverse' : 'inverse'};
  ${
    training
      ? `let count = f32(uniforms.rows);
  let centre = mean[channel];
  let shift = sums[channel + uniforms.channels] / count;
  let slope = inverse * sums[channel] / count;`
      : ''
  }
  for (var row = first; row < end; row++) {
    let i = row * uniforms.channels + channel;
    dx[i] = scale * (${incoming}${training ? ' - shift - (x[i] - centre) * slope' : ''});
  }
}`,
    workgroups: many.workgroups,
  });
  backend.disposeData(sums.dataId);
  return [dx, dgamma, dbeta];
}
