/**
 * @file `BatchNormGrad`: the gradient of batch normalization, and of the ReLU after it where that is fused.
 *
 * With n = (x - mean) / sqrt(variance + epsilon): dbeta = sum dy, dgamma = sum dy n, and dx = scale dy in inference mode;
 * with batch statistics dx = scale (dy - dbeta / rows - n dgamma / rows), as mean and variance depend on x
 * (Ioffe and Szegedy 2015, section 3). Three passes: sums of blocks, their sum, dx. Where the ReLU was zero is
 * computed from x again, so that nobody keeps the output.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { BatchNormGradAttributes, BatchNormGradInputs } from '../batch-norm-inputs';
import { NORMALIZED, scaleCode, shiftCode } from './batch-norm-apply';
import { COLUMN_MAIN, columnBlocks, combineMain } from './column-reduction';
import { type PassBuffer, prepareInPlace, runPass } from './webgpu-pass';

const combineCode = (type: string, slices: number) => `
struct Sums { gamma: ${type}, beta: ${type} }
${combineMain(slices, {
  type: 'Sums',
  fold: `let at = part * 2 * uniforms.columns + column;
      sum = Sums(sum.gamma + partial[at], sum.beta + partial[at + uniforms.columns]);`,
  merge: 'sum = Sums(sum.gamma + other.gamma, sum.beta + other.beta);',
  write: `dgamma[column] = sum.gamma;
  dbeta[column] = sum.beta;
  sums[column] = sum.gamma;
  sums[column + uniforms.columns] = sum.beta;`,
})}`;

/** To dx [B, H, W, C] (absent where `into` took it), dgamma [C], dbeta [C]. */
export function batchNormGrad(
  backend: WebGPUBackend,
  { x, dy, mean, variance, gamma, beta, into }: BatchNormGradInputs,
  { epsilon, training, relu, channels: wanted }: BatchNormGradAttributes,
): [dx: TensorInfo, dgamma: TensorInfo, dbeta: TensorInfo] | [dgamma: TensorInfo, dbeta: TensorInfo] {
  const few = columnBlocks(backend, x, 'few', wanted);
  const { channels, width, element } = few;
  const read = (name: string, tensor: TensorInfo): PassBuffer => ({ name, tensor, access: 'read', element });
  const write = (name: string, tensor: TensorInfo): PassBuffer => ({ name, tensor, access: 'read_write', element });
  const masking = relu && beta ? [read('beta', beta)] : [];
  const scaling = gamma ? [read('gamma', gamma)] : [];
  const zero = `${element}()`;
  const incoming = `dy[row * uniforms.columns + column]`;
  const masked = relu ? `select(${zero}, ${incoming}, ${NORMALIZED} > ${zero})` : incoming;
  const epsilonUniform = { type: 'f32', value: epsilon } as const;

  const partial = backend.makeTensorInfo([few.blockCount, 2, channels], 'float32');
  runPass(backend, {
    key: ['batch-norm-grad-partial', relu, !!gamma, masking.length, width].join(),
    buffers: [
      write('partial', partial),
      read('x', x),
      read('dy', dy),
      read('mean', mean),
      read('variance', variance),
      ...(relu ? scaling : []),
      ...masking,
    ],
    uniforms: { ...few.uniforms, epsilon: epsilonUniform },
    code: () => `${COLUMN_MAIN}
  ${scaleCode(relu && !!gamma)}${shiftCode(masking.length > 0, element)}
  var gammaSum = ${zero};
  var betaSum = ${zero};
  for (var row = first; row < end; row++) {
    let d = ${masked};
    gammaSum += d * (x[row * uniforms.stride + column] - centre);
    betaSum += d;
  }
  let at = block * 2 * uniforms.columns + column;
  partial[at] = gammaSum * inverse;
  partial[at + uniforms.columns] = betaSum;
}`,
    workgroups: few.workgroups,
  });

  const dgamma = backend.makeTensorInfo([channels], 'float32');
  const dbeta = backend.makeTensorInfo([channels], 'float32');
  // Both once more in one buffer: the last pass would bind nine, and WebGPU's default limit is eight.
  const sums = backend.makeTensorInfo([2, channels], 'float32');
  runPass(backend, {
    key: ['batch-norm-grad-combine', width, few.slices].join(),
    buffers: [read('partial', partial), write('dgamma', dgamma), write('dbeta', dbeta), write('sums', sums)],
    uniforms: few.uniforms,
    code: () => combineCode(element, few.slices),
    workgroups: few.combineWorkgroups,
  });
  backend.disposeData(partial.dataId);

  const many = columnBlocks(backend, x, 'many', channels);
  if (into) prepareInPlace(backend, into);
  const dx = into ?? backend.makeTensorInfo([...x.shape.slice(0, -1), channels], 'float32');
  const needsInput = training || relu;
  const input = needsInput ? [read('x', x), read('mean', mean)] : [];
  runPass(backend, {
    key: ['batch-norm-grad-input', relu, training, !!gamma, masking.length, !!into, width].join(),
    buffers: [
      write('dx', dx),
      read('dy', dy),
      read('variance', variance),
      ...input,
      ...(training ? [read('sums', sums)] : []),
      ...scaling,
      ...masking,
    ],
    uniforms: { ...many.uniforms, epsilon: epsilonUniform },
    code: () => `${COLUMN_MAIN}
  ${scaleCode(!!gamma)}${needsInput ? shiftCode(masking.length > 0, element) : ''}
  ${
    training
      ? `let count = f32(uniforms.rows);
  let shift = sums[column + uniforms.columns] / count;
  let slope = inverse * sums[column] / count;`
      : ''
  }
  for (var row = first; row < end; row++) {
    let d = ${masked};
    dx[row * uniforms.${into ? 'stride' : 'columns'} + column] ${into ? '+=' : '='} scale * (d${
      training ? ' - shift - (x[row * uniforms.stride + column] - centre) * slope' : ''
    });
  }
}`,
    workgroups: many.workgroups,
  });
  backend.disposeData(sums.dataId);
  return into ? [dgamma, dbeta] : [dx, dgamma, dbeta];
}
