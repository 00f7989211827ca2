/** @file Whole weights, one after another, from a stream of their numbers. */

import { sizeOf, type WeightSpec } from '../domain/architecture';
import { StudioError } from '../domain/failure';

/**
 * Joins the pieces of each weight.
 * @param specs in the order of the stream
 * @param pieces no piece spans two weights
 * @throws {StudioError} `unexpected` when the stream ends early; what `pieces` throws passes through.
 */
export async function* gatherWeights(
  specs: readonly WeightSpec[],
  pieces: AsyncIterator<Float32Array<ArrayBuffer>>,
): AsyncGenerator<{ spec: WeightSpec; values: Float32Array<ArrayBuffer> }> {
  for (const spec of specs) {
    const size = sizeOf(spec.shape);
    let values: Float32Array<ArrayBuffer> | null = null;
    for (let at = 0; at < size; ) {
      const step = await pieces.next();
      if (step.done) throw new StudioError('unexpected', `The weights end inside ${spec.layer} ${spec.name}.`);
      const piece = step.value;
      if (piece.length === size) values = piece;
      else {
        values ??= new Float32Array(size);
        values.set(piece, at);
      }
      at += piece.length;
    }
    if (values) yield { spec, values };
  }
}
