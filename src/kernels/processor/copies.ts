/** @file Kernels that only move numbers: concatenation, slices, splitting, padding. */

import { type TensorInfo, util } from '@tensorflow/tfjs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** A box of numbers in two tensors: its size along each axis, and where it begins in each. */
interface Box {
  size: readonly number[];
  fromStart: readonly number[];
  intoStart: readonly number[];
}

/** Along `axis`. Null for a call that ours does not support. */
export function concat(backend: ProcessorBackend, inputs: TensorInfo[], { axis }: { axis: number }): TensorInfo | null {
  const parts = Object.values(inputs);
  const [first] = parts;
  if (!parts.every(isPlain)) return null;
  const along = util.parseAxisParam(axis, first.shape)[0];
  const shape = [...first.shape];
  shape[along] = parts.reduce((sum, part) => sum + part.shape[along], 0);
  const result = backend.makeOnHeap(shape);
  const intoStart = shape.map(() => 0);
  for (const part of parts) {
    copyBox(backend, part, result, { size: part.shape, fromStart: shape.map(() => 0), intoStart });
    intoStart[along] += part.shape[along];
  }
  return result;
}

/** The box of `size` from `begin` on; -1 as a size means up to the end. Null for a call that ours does not support. */
export function slice(
  backend: ProcessorBackend,
  { x }: { x: TensorInfo },
  { begin, size }: { begin: number | number[]; size: number | number[] },
): TensorInfo | null {
  if (!isPlain(x)) return null;
  const starts = x.shape.map((_, axis) => (Array.isArray(begin) ? (begin[axis] ?? 0) : axis === 0 ? begin : 0));
  const sizes = x.shape.map((length, axis) => {
    const given = Array.isArray(size) ? (size[axis] ?? -1) : axis === 0 ? size : -1;
    return given === -1 ? length - starts[axis] : given;
  });
  if (sizes.some((length, axis) => length < 0 || starts[axis] < 0 || starts[axis] + length > x.shape[axis]))
    return null;
  return copyOf(backend, x, starts, sizes);
}

/** Pieces along `axis`. Null for a call that ours does not support. */
export function split(
  backend: ProcessorBackend,
  { x }: { x: TensorInfo },
  { numOrSizeSplits, axis }: { numOrSizeSplits: number | number[]; axis: number },
): TensorInfo[] | null {
  if (!isPlain(x) || !Array.isArray(numOrSizeSplits) || numOrSizeSplits.includes(-1)) return null;
  const along = util.parseAxisParam(axis, x.shape)[0];
  let start = 0;
  return numOrSizeSplits.map((length) => {
    const starts = x.shape.map((_, other) => (other === along ? start : 0));
    start += length;
    return copyOf(
      backend,
      x,
      starts,
      x.shape.map((whole, other) => (other === along ? length : whole)),
    );
  });
}

/** A constant border around x. Null for a call that ours does not support. */
export function pad(
  backend: ProcessorBackend,
  { x }: { x: TensorInfo },
  { paddings, constantValue }: { paddings: [number, number][]; constantValue: number },
): TensorInfo | null {
  if (!isPlain(x)) return null;
  const result = backend.makeOnHeap(x.shape.map((length, axis) => length + paddings[axis][0] + paddings[axis][1]));
  const size = util.sizeFromShape(result.shape);
  backend.run('fill', elementParts(size), [result, size, { float: constantValue }]);
  copyBox(backend, x, result, {
    size: x.shape,
    fromStart: x.shape.map(() => 0),
    intoStart: paddings.map(([before]) => before),
  });
  return result;
}

function isPlain({ dtype, shape }: TensorInfo): boolean {
  return dtype === 'float32' && shape.length > 0 && shape.length <= 4 && util.sizeFromShape(shape) > 0;
}

function copyOf(backend: ProcessorBackend, x: TensorInfo, starts: number[], size: number[]): TensorInfo {
  const result = backend.makeOnHeap(size);
  copyBox(backend, x, result, { size, fromStart: starts, intoStart: size.map(() => 0) });
  return result;
}

function copyBox(backend: ProcessorBackend, from: TensorInfo, into: TensorInfo, box: Box): void {
  const fromStrides = stridesOf(from.shape);
  const intoStrides = stridesOf(into.shape);
  let length = 1;
  const steps: [count: number, fromStride: number, intoStride: number][] = [];
  for (let axis = box.size.length - 1; axis >= 0; axis -= 1) {
    // Axes that lie one after another in both tensors are copied as one.
    if (steps.length === 0 && fromStrides[axis] === length && intoStrides[axis] === length) length *= box.size[axis];
    else steps.unshift([box.size[axis], fromStrides[axis], intoStrides[axis]]);
  }
  while (steps.length < 3) steps.unshift([1, 0, 0]);
  const size = util.sizeFromShape([...box.size]);
  if (size === 0) return;
  const offset = (start: readonly number[], strides: number[]) =>
    4 * start.reduce((sum, place, axis) => sum + place * strides[axis], 0);
  backend.run('copyRows', Math.min(size / length, elementParts(size)), [
    backend.pointerOf(from) + offset(box.fromStart, fromStrides),
    backend.pointerOf(into) + offset(box.intoStart, intoStrides),
    length,
    ...steps.flat(),
  ]);
}

/** In numbers, of each axis. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => util.sizeFromShape(shape.slice(axis + 1)));
}
