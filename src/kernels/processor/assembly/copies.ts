/** @file Moving blocks of numbers from tensor to tensor, and filling them. */

import { firstOf, floatAt, intAt, pointerAt } from './tasks';

/**
 * Copies rows of `length` numbers that lie in three nested steps. Slots: from, into, length, then of each step from the outermost
 * on its count, the distance of its rows in `from`, and that in `into`, in numbers. Parts of rows.
 */
export function copyRows(task: i32, count: i32, args: usize, _scratch: usize): void {
  const from = pointerAt(args, 0);
  const into = pointerAt(args, 1);
  const bytes = <usize>intAt(args, 2) << 2;
  const middle = intAt(args, 6);
  const inner = intAt(args, 9);
  const rows = intAt(args, 3) * middle * inner;
  const end = firstOf(task + 1, count, rows);
  for (let row = firstOf(task, count, rows); row < end; row += 1) {
    const i = row % inner;
    const m = (row / inner) % middle;
    const o = row / inner / middle;
    const start = <usize>o * distanceAt(args, 4) + <usize>m * distanceAt(args, 7) + <usize>i * distanceAt(args, 10);
    const target = <usize>o * distanceAt(args, 5) + <usize>m * distanceAt(args, 8) + <usize>i * distanceAt(args, 11);
    copyBytes(into + target, from + start, bytes);
  }
}

/** Bytes of a distance in numbers. */
// @ts-ignore: decorator
@inline function distanceAt(args: usize, slot: i32): usize {
  return pointerAt(args, slot) << 2;
}

/** As memory.copy, which costs a call: too much for the few channels of a pixel. */
// @ts-ignore: decorator
@inline function copyBytes(into: usize, from: usize, bytes: usize): void {
  if (bytes > 2048) {
    memory.copy(into, from, bytes);
    return;
  }
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(into + at, v128.load(from + at));
  for (; at < bytes; at += 4) store<f32>(into + at, load<f32>(from + at));
}

/** Slots: into, size, value. Parts of numbers. */
export function fill(task: i32, count: i32, args: usize, _scratch: usize): void {
  const size = intAt(args, 1);
  const value = floatAt(args, 2);
  const first = firstOf(task, count, size);
  let into = pointerAt(args, 0) + (<usize>first << 2);
  let left = firstOf(task + 1, count, size) - first;
  const four = f32x4.splat(value);
  for (; left >= 4; left -= 4) {
    v128.store(into, four);
    into += 16;
  }
  for (; left > 0; left -= 1) {
    store<f32>(into, value);
    into += 4;
  }
}
