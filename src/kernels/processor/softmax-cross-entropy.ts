/** @file `SoftmaxCrossEntropy`: loss, its gradient and the hit of each sample, from logits. */

import type { TensorInfo } from '@tensorflow/tfjs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/**
 * @param logits [B, K]
 * @param labels int32 [B], each in 0..K-1
 * @returns loss of each sample [B] in nats; gradient of the batch's mean loss [B, K]; 1 where the largest logit (the
 *   first of equals) is the label's, else 0 [B].
 */
export function softmaxCrossEntropy(
  backend: ProcessorBackend,
  { logits, labels }: { logits: TensorInfo; labels: TensorInfo },
): [loss: TensorInfo, dlogits: TensorInfo, correct: TensorInfo] {
  const [batch, classes] = logits.shape;
  const loss = backend.makeOnHeap([batch]);
  const dlogits = backend.makeOnHeap([batch, classes]);
  const correct = backend.makeOnHeap([batch]);
  const slots = [logits, labels, loss, dlogits, correct, batch, classes];
  backend.run('softmaxCrossEntropy', elementParts(batch * classes), slots);
  return [loss, dlogits, correct];
}
