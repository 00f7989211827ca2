/** @file `DenseAdamUpdate` and `DenseSgdUpdate`: a dense kernel's gradient and its update in one pass over the memory. */

import { type TensorInfo, util } from '@tensorflow/tfjs';
import type {
  AdamAttributes,
  DenseAdamInputs,
  DenseSgdInputs,
  DenseUpdateInputs,
  FirstRow,
  SgdAttributes,
} from '../update-inputs';
import { adamArguments } from './adam-update';
import type { ProcessorBackend } from './processor-backend';
import type { KernelArgument } from './processor-device';
import { TILE_ROWS } from './product-parts';

/** Elements of the kernel in one part: dy is packed anew for each, which must not show. */
const PART_ELEMENTS = 2 ** 18;
/** Enough that many threads end at about the same time. */
const MOST_PARTS = 256;
/** As many samples as leave room for eight rows of x and eight columns of dy in a thread's working memory. */
const MOST_SAMPLES = 2 ** 15;

/** Adam with the gradient x^T dy, in place. */
export function denseAdamUpdate(
  backend: ProcessorBackend,
  { m, v, ...inputs }: DenseAdamInputs,
  { firstRow, ...attributes }: AdamAttributes & FirstRow,
): void {
  denseUpdate(backend, 'denseAdamUpdate', inputs, [m, v], firstRow, adamArguments(attributes));
}

/** Gradient descent with the gradient x^T dy, in place; with momentum where there is a velocity. */
export function denseSgdUpdate(
  backend: ProcessorBackend,
  { velocity, ...inputs }: DenseSgdInputs,
  { firstRow, learningRate, momentum }: SgdAttributes & FirstRow,
): void {
  const numbers = [{ float: learningRate }, { float: momentum }];
  denseUpdate(backend, 'denseSgdUpdate', inputs, [velocity ?? 0, 0], firstRow, numbers);
}

function denseUpdate(
  backend: ProcessorBackend,
  kernel: string,
  { x, dy, value }: DenseUpdateInputs,
  slots: (TensorInfo | number)[],
  firstRow: number,
  numbers: KernelArgument[],
): void {
  const [batch, depth] = x.shape;
  const [rows, columns] = value.shape;
  util.assert(firstRow + rows <= depth && dy.shape[1] === columns, () => 'The dense update is of another kernel.');
  util.assert(
    batch <= MOST_SAMPLES,
    () => `An update of a dense kernel takes ${MOST_SAMPLES} samples at most, not ${batch}.`,
  );
  const parts = Math.min(Math.ceil((rows * columns) / PART_ELEMENTS), Math.ceil(rows / (4 * TILE_ROWS)), MOST_PARTS);
  backend.run(kernel, parts, [x, dy, value, ...slots, batch, depth, firstRow, rows, columns, ...numbers]);
}
