/** @file Products of patches with a matrix, and of their transpose: what convolutions and dense products are made of. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { Finish } from '../mat-mul-shape';
import { elementParts } from './parts';
import { type Patches, patchSlots, pointsOf, stepsOf } from './patches';
import type { ProcessorBackend } from './processor-backend';
import { productParts, reductionParts, TILE_COLUMNS } from './product-parts';

/** As in assembly/tile.ts. */
export const RELU = 4;

/** Packed columns at a time, in bytes: wider matrices are multiplied a slice of columns after the other. */
const PACKED_BYTES = 32 * 2 ** 20;

/** A matrix [steps, columns] that a product packs. */
export interface PackedOperand {
  /** Of packMatrix or packTurned. */
  kernel: 'packMatrix' | 'packTurned';
  columns: number;
  /** The kernel's slots. */
  slots(packed: number, firstColumn: number, columns: number): (TensorInfo | number)[];
}

/** Where the points of a grid lie in a result whose neighbours they are not. */
export interface Scatter {
  height: number;
  width: number;
  firstRow: number;
  rowStep: number;
  firstColumn: number;
  columnStep: number;
}

/** Writes patches times operand, with bias and ReLU, to `result`. */
export function patchProduct(
  backend: ProcessorBackend,
  patches: Patches,
  operand: PackedOperand,
  result: TensorInfo,
  { bias, relu = false }: Finish = {},
  scatter?: Scatter,
): void {
  const [points, steps] = [pointsOf(patches), stepsOf(patches)];
  const { columns: allColumns } = operand;
  const room = Math.max(1, Math.floor(PACKED_BYTES / (4 * steps * TILE_COLUMNS))) * TILE_COLUMNS;
  const sliceColumns = Math.min(allColumns, room);
  const place = scatter
    ? [1, scatter.height, scatter.width, scatter.firstRow, scatter.rowStep, scatter.firstColumn, scatter.columnStep]
    : [0];
  backend.borrow(4 * steps * Math.ceil(sliceColumns / TILE_COLUMNS) * TILE_COLUMNS, (packed) => {
    for (let first = 0; first < allColumns; first += sliceColumns) {
      const columns = Math.min(sliceColumns, allColumns - first);
      backend.run(operand.kernel, elementParts(steps * columns), operand.slots(packed, first, columns));
      const { rowParts, columnParts } = productParts(points, columns, steps);
      const own = [points, columns, steps, allColumns, first, rowParts, columnParts, ...place];
      const slots = [...patchSlots(patches), packed, result, bias ?? 0, relu ? RELU : 0, ...own];
      backend.run('patchProduct', rowParts * columnParts, slots);
    }
  });
}

/** Writes the transpose of patches times other [points, columns] to `result` [steps, columns]. */
export function patchReduction(
  backend: ProcessorBackend,
  patches: Patches,
  other: TensorInfo,
  columns: number,
  result: TensorInfo,
): void {
  const [points, steps] = [pointsOf(patches), stepsOf(patches)];
  const { rowParts, columnParts, pointParts } = reductionParts(steps, columns, points);
  const size = steps * columns;
  const reduceTo = (sums: TensorInfo | number) => {
    const own = [other, sums, points, columns, steps, rowParts, columnParts, pointParts];
    backend.run('patchReduction', rowParts * columnParts * pointParts, [...patchSlots(patches), ...own]);
  };
  if (pointParts === 1) reduceTo(result);
  else {
    backend.borrow(4 * size * pointParts, (partial) => {
      reduceTo(partial);
      backend.run('sumArrays', elementParts(size), [partial, result, steps, columns, pointParts, 0, 0]);
    });
  }
}

/** A matrix [steps, columns] as it lies in memory. */
export function plainOperand(matrix: TensorInfo, steps: number, columns: number): PackedOperand {
  return {
    kernel: 'packMatrix',
    columns,
    slots: (packed, first, count) => [matrix, packed, steps, columns, first, count],
  };
}

/** Taps of a filter, `count` along each axis, `step` apart from the `first` on. */
export interface Taps {
  count: number;
  first: number;
  step: number;
}

/** Taps of a filter [height, width, columns, depth], each transposed, from the last to the first. */
export function turnedOperand(
  filter: TensorInfo,
  [filterWidth, columns, depth]: [number, number, number],
  rows: Taps,
  across: Taps,
): PackedOperand {
  const taps = [filterWidth, rows.first, rows.step, across.first, across.step];
  return {
    kernel: 'packTurned',
    columns,
    slots: (packed, first, count) => [filter, packed, rows.count, across.count, depth, columns, first, count, ...taps],
  };
}

/** The transpose of a matrix [columns, steps]. */
export function transposedOperand(matrix: TensorInfo, steps: number, columns: number): PackedOperand {
  const one: Taps = { count: 1, first: 0, step: 1 };
  return turnedOperand(matrix, [1, columns, steps], one, one);
}
