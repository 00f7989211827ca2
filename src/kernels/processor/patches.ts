/** @file The patches of an image as a matrix, as assembly/patches.ts reads them: points of a grid times (tap, channel). */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { AxisPhase, ConvInfo } from '../conv2d-geometry';

/** Source pixel = grid place * stride + base + tap, along each axis; zero outside of the source. */
export interface Patches {
  /** [images, height, width, channels] */
  source: TensorInfo;
  images: number;
  gridHeight: number;
  gridWidth: number;
  sourceHeight: number;
  sourceWidth: number;
  channels: number;
  rowStride: number;
  columnStride: number;
  rowBase: number;
  columnBase: number;
  tapsDown: number;
  tapsAcross: number;
}

/** What a convolution's outputs see of its input. */
export function patchesOf(x: TensorInfo, info: ConvInfo): Patches {
  return {
    source: x,
    images: info.batchSize,
    gridHeight: info.outHeight,
    gridWidth: info.outWidth,
    sourceHeight: info.inHeight,
    sourceWidth: info.inWidth,
    channels: info.inChannels,
    rowStride: info.strideHeight,
    columnStride: info.strideWidth,
    rowBase: -info.padInfo.top,
    columnBase: -info.padInfo.left,
    tapsDown: info.filterHeight,
    tapsAcross: info.filterWidth,
  };
}

/** What a phase of a convolution's input pixels sees of its output; taps count from the last to the first. */
export function phasePatchesOf(dy: TensorInfo, info: ConvInfo, rows: AxisPhase, columns: AxisPhase): Patches {
  return {
    source: dy,
    images: info.batchSize,
    gridHeight: rows.count,
    gridWidth: columns.count,
    sourceHeight: info.outHeight,
    sourceWidth: info.outWidth,
    channels: info.outChannels,
    rowStride: 1,
    columnStride: 1,
    rowBase: rows.base - rows.taps + 1,
    columnBase: columns.base - columns.taps + 1,
    tapsDown: rows.taps,
    tapsAcross: columns.taps,
  };
}

/** A plain matrix [rows, columns]. */
export function matrixPatches(source: TensorInfo, rows: number, columns: number): Patches {
  return {
    source,
    images: 1,
    gridHeight: 1,
    gridWidth: rows,
    sourceHeight: 1,
    sourceWidth: rows,
    channels: columns,
    rowStride: 1,
    columnStride: 1,
    rowBase: 0,
    columnBase: 0,
    tapsDown: 1,
    tapsAcross: 1,
  };
}

/** Points of the grid: rows of the matrix. */
export function pointsOf({ images, gridHeight, gridWidth }: Patches): number {
  return images * gridHeight * gridWidth;
}

/** Columns of the matrix. */
export function stepsOf({ tapsDown, tapsAcross, channels }: Patches): number {
  return tapsDown * tapsAcross * channels;
}

/** The slots of assembly/patches.ts. */
export function patchSlots(patches: Patches): (TensorInfo | number)[] {
  return [
    patches.source,
    patches.gridHeight,
    patches.gridWidth,
    patches.sourceHeight,
    patches.sourceWidth,
    patches.channels,
    patches.rowStride,
    patches.columnStride,
    patches.rowBase,
    patches.columnBase,
    patches.tapsAcross,
  ];
}
