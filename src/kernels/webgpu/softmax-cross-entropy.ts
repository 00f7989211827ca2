/** @file `SoftmaxCrossEntropy`: loss, its gradient and the hit of each sample, from logits, in one dispatch. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { ELEMENT_MAIN, ELEMENT_THREADS } from './element-pass';
import { runPass, spreadWorkgroups } from './webgpu-pass';

// One thread per sample: classes are few.
const CODE = `${ELEMENT_MAIN}
  let first = i * uniforms.classes;
  var best = 0u;
  for (var k = 1u; k < uniforms.classes; k++) {
    if (logits[first + k] > logits[first + best]) { best = k; }
  }
  let top = logits[first + best];
  var sum = 0.0;
  for (var k = 0u; k < uniforms.classes; k++) { sum += exp(logits[first + k] - top); }
  let label = u32(labels[i]);
  loss[i] = log(sum) - (logits[first + label] - top);
  correct[i] = select(0.0, 1.0, best == label);
  let share = 1.0 / f32(uniforms.size);
  for (var k = 0u; k < uniforms.classes; k++) {
    let probability = exp(logits[first + k] - top) / sum;
    dlogits[first + k] = (probability - select(0.0, 1.0, k == label)) * share;
  }
}`;

/**
 * @param logits [B, K]
 * @param labels int32 [B], each in 0..K-1
 * @returns loss of each sample [B] in nats; gradient of the batch's mean loss [B, K]; 1 where the largest logit (the
 *   first of equals) is the label's, else 0 [B].
 */
export function softmaxCrossEntropy(
  backend: WebGPUBackend,
  logits: TensorInfo,
  labels: TensorInfo,
): [loss: TensorInfo, dlogits: TensorInfo, correct: TensorInfo] {
  const [batch, classes] = logits.shape;
  const loss = backend.makeTensorInfo([batch], 'float32');
  const dlogits = backend.makeTensorInfo([batch, classes], 'float32');
  const correct = backend.makeTensorInfo([batch], 'float32');
  runPass(backend, {
    key: 'softmax-cross-entropy',
    buffers: [
      { name: 'loss', tensor: loss, access: 'read_write' },
      { name: 'dlogits', tensor: dlogits, access: 'read_write' },
      { name: 'correct', tensor: correct, access: 'read_write' },
      { name: 'logits', tensor: logits, access: 'read' },
      { name: 'labels', tensor: labels, access: 'read' },
    ],
    uniforms: { size: { type: 'u32', value: batch }, classes: { type: 'u32', value: classes } },
    code: () => CODE,
    workgroups: spreadWorkgroups(Math.ceil(batch / ELEMENT_THREADS)),
  });
  return [loss, dlogits, correct];
}
