/** @file The three products of a convolution, over `Conv2D`, `FusedConv2D`, `Conv2DBackpropFilter` and `Conv2DBackpropInput`. */

import type { TensorInfo } from '@tensorflow/tfjs';
import { type AxisPhase, type ConvInfo, phasesOf } from '../conv2d-geometry';
import type { Finish } from '../mat-mul-shape';
import { patchesOf, phasePatchesOf, stepsOf } from './patches';
import type { ProcessorBackend } from './processor-backend';
import { patchProduct, patchReduction, plainOperand, type Scatter, type Taps, turnedOperand } from './product';

/** x [B, H, W, C], filter [h, w, C, D], bias [D], to [B, H', W', D]. */
export function conv2d(
  backend: ProcessorBackend,
  x: TensorInfo,
  filter: TensorInfo,
  info: ConvInfo,
  finish?: Finish,
): TensorInfo {
  const patches = patchesOf(x, info);
  const result = backend.makeOnHeap(info.outShape);
  patchProduct(backend, patches, plainOperand(filter, stepsOf(patches), info.outChannels), result, finish);
  return result;
}

/** x [B, H, W, C], dy [B, H', W', D], to [h, w, C, D]. */
export function conv2dBackpropFilter(
  backend: ProcessorBackend,
  x: TensorInfo,
  dy: TensorInfo,
  info: ConvInfo,
): TensorInfo {
  const result = backend.makeOnHeap(info.filterShape);
  patchReduction(backend, patchesOf(x, info), dy, info.outChannels, result);
  return result;
}

/**
 * dy [B, H', W', D], filter [h, w, C, D] to [B, H, W, C]: dy convolved with the turned filter; with a stride, each phase of
 * the input's pixels with the taps that it meets. Pixels that meet none get 0.
 */
export function conv2dBackpropInput(
  backend: ProcessorBackend,
  dy: TensorInfo,
  filter: TensorInfo,
  info: ConvInfo,
): TensorInfo {
  const result = backend.makeOnHeap(info.inShape);
  const { inHeight, inWidth, strideHeight, strideWidth, padInfo } = info;
  const rowPhases = phasesOf(inHeight, info.outHeight, info.filterHeight, strideHeight, padInfo.top);
  const columnPhases = phasesOf(inWidth, info.outWidth, info.filterWidth, strideWidth, padInfo.left);
  const dense = strideHeight * strideWidth === 1;
  for (const rows of rowPhases) {
    for (const columns of columnPhases) {
      const scatter = dense ? undefined : scatterOf(info, rows, columns);
      const shape: [number, number, number] = [info.filterWidth, info.inChannels, info.outChannels];
      const operand = turnedOperand(filter, shape, tapsOf(rows, strideHeight), tapsOf(columns, strideWidth));
      patchProduct(backend, phasePatchesOf(dy, info, rows, columns), operand, result, {}, scatter);
    }
  }
  return result;
}

function tapsOf({ taps, firstTap }: AxisPhase, step: number): Taps {
  return { count: taps, first: firstTap, step };
}

function scatterOf(info: ConvInfo, rows: AxisPhase, columns: AxisPhase): Scatter {
  return {
    height: info.inHeight,
    width: info.inWidth,
    firstRow: rows.first,
    rowStep: info.strideHeight,
    firstColumn: columns.first,
    columnStep: info.strideWidth,
  };
}
