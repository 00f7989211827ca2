/**
 * @file `AdamUpdateMany` and `SgdUpdateMany`: one step for several weights in one dispatch, in place, for the many small
 * ones of a network (DenseNet121 has 364, of which 242 are vectors).
 *
 * WebGPU's default limit of eight buffers allows two weights per dispatch with Adam or momentum, four with neither.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import { util } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  type AdamAttributes,
  type AdamInputs,
  type ManyInputs,
  numbered,
  type SgdAttributes,
  type SgdInputs,
} from '../update-inputs';
import { adamCode, adamUniforms } from './adam-update';
import { ELEMENT_MAIN, ELEMENT_THREADS } from './element-pass';
import { sgdCode, sgdUniforms } from './sgd-update';
import type { PassUniform } from './uniform-cache';
import { prepareInPlace, runPass, spreadWorkgroups } from './webgpu-pass';

/** Updates every weight in `inputs` by Adam, in place. */
export function adamUpdateMany(backend: WebGPUBackend, inputs: ManyInputs, attributes: AdamAttributes): void {
  const weights = numbered<keyof AdamInputs>(inputs, ['value', 'gradient', 'm', 'v']);
  updateMany(backend, 'adam', weights, adamCode, adamUniforms(attributes));
}

/** Updates every weight in `inputs` by gradient descent, in place. */
export function sgdUpdateMany(backend: WebGPUBackend, inputs: ManyInputs, attributes: SgdAttributes): void {
  const withVelocity = inputs.velocity0 !== undefined;
  const weights = numbered<keyof SgdInputs>(inputs, [
    'value',
    'gradient',
    ...(withVelocity ? (['velocity'] as const) : []),
  ]);
  const code = (type: string, suffix: string) => sgdCode(type, withVelocity, suffix);
  updateMany(backend, `sgd-${withVelocity}`, weights, code, sgdUniforms(attributes));
}

type Weight = Record<string, TensorInfo>;

function updateMany(
  backend: WebGPUBackend,
  rule: string,
  weights: Weight[],
  ruleCode: (type: string, suffix: string) => string,
  ruleUniforms: Record<string, PassUniform>,
): void {
  const sizes = weights.map(({ value }) => util.sizeFromShape(value.shape));
  const width = sizes.every((size) => size % 4 === 0) ? 4 : 1;
  const element = width === 4 ? 'vec4<f32>' : 'f32';
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size / width, 0));
  const size = ends[ends.length - 1];
  const buffers = weights.flatMap((weight, i) =>
    Object.entries(weight).map(([name, tensor]) => {
      const written = name !== 'gradient';
      if (written) prepareInPlace(backend, tensor);
      return { name: `${name}${i}`, tensor, access: written ? 'read_write' : 'read', element } as const;
    }),
  );
  const uniforms: Record<string, PassUniform> = { size: { type: 'u32', value: size } };
  for (const [i, end] of ends.entries()) uniforms[`end${i}`] = { type: 'u32', value: end };
  runPass(backend, {
    key: ['update-many', rule, weights.length, width].join(),
    buffers,
    uniforms: { ...uniforms, ...ruleUniforms },
    code: () => `${weights.map((_, i) => ruleCode(element, String(i))).join('')}${ELEMENT_MAIN}
  ${weights
    .map((_, i) => {
      const at = i === 0 ? 'i' : `i - uniforms.end${i - 1}`;
      return `if (i < uniforms.end${i}) { update${i}(${at}, gradient${i}[${at}]); return; }`;
    })
    .join('\n  ')}
}`,
    workgroups: spreadWorkgroups(Math.ceil(size / ELEMENT_THREADS)),
  });
}
