/** @file Which convolutions our kernels compute, on any device, and how their input gradient falls into products. */

import type { backend_util as BackendUtil, TensorInfo } from '@tensorflow/tfjs';
import { backend_util } from '@tensorflow/tfjs';

export type ConvInfo = BackendUtil.Conv2DInfo;

export interface ConvAttributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | BackendUtil.ExplicitPadding;
  dataFormat: 'NHWC' | 'NCHW';
  dilations?: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Geometry of the convolution, or null when the stock kernel has to compute it: NCHW, dilated, or empty. */
export function convInfoOf(
  input: TensorInfo['shape'],
  filter: TensorInfo['shape'],
  attrs: ConvAttributes,
): ConvInfo | null {
  const { strides, pad, dataFormat, dilations = 1, dimRoundingMode } = attrs;
  const dilated = typeof dilations === 'number' ? dilations !== 1 : dilations.some((dilation) => dilation !== 1);
  if (dataFormat !== 'NHWC' || dilated || input.length !== 4) return null;
  const info = backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return [info.inShape, info.outShape, info.filterShape].every((shape) => shape.every((side) => side > 0))
    ? info
    : null;
}

/** Along one axis: the pixels whose position, padding included, is `phase` modulo the stride. */
export interface AxisPhase {
  /** Of the filter: its first tap and how many, a stride apart. */
  firstTap: number;
  taps: number;
  /** Of the input: its first pixel and how many, a stride apart. */
  first: number;
  count: number;
  /** Output position that the first pixel and the first tap make. */
  base: number;
}

/**
 * An input pixel meets only every stride-th tap: which ones depends on its position modulo the stride.
 *
 * The taps at either end that meet no output from any pixel are left out: where the map is one pixel, all but one.
 * @returns the phases that have pixels.
 */
export function phasesOf(
  size: number,
  outSize: number,
  filterSize: number,
  stride: number,
  padBefore: number,
): AxisPhase[] {
  return Array.from({ length: stride }, (_, phase) => {
    const first = (((phase - padBefore) % stride) + stride) % stride;
    const count = Math.max(0, Math.ceil((size - first) / stride));
    const base = (first + padBefore - phase) / stride;
    const from = Math.max(0, base - outSize + 1);
    const to = Math.min(Math.ceil((filterSize - phase) / stride), base + count);
    return { firstTap: phase + from * stride, taps: Math.max(0, to - from), first, count, base: base - from };
  }).filter(({ count }) => count > 0);
}
