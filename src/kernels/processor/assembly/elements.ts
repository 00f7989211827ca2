/** @file Kernels that go through tensors element by element. */

import { positive } from './simd';
import { firstOf, intAt, pointerAt } from './tasks';

/** into += from. Slots: from, into, size. */
export function addInto(task: i32, count: i32, args: usize, _scratch: usize): void {
  const size = intAt(args, 2);
  const start = firstOf(task, count, size);
  const end = firstOf(task + 1, count, size);
  let from = pointerAt(args, 0) + ((<usize>start) << 2);
  let into = pointerAt(args, 1) + ((<usize>start) << 2);
  let left = end - start;
  for (; left >= 4; left -= 4) {
    v128.store(into, f32x4.add(v128.load(into), v128.load(from)));
    from += 16;
    into += 16;
  }
  for (; left > 0; left -= 1) {
    store<f32>(into, load<f32>(into) + load<f32>(from));
    from += 4;
    into += 4;
  }
}

/** y = the larger of x and 0; NaN stays NaN. Slots: x, y, size. */
export function relu(task: i32, count: i32, args: usize, _scratch: usize): void {
  const size = intAt(args, 2);
  const start = firstOf(task, count, size);
  let x = pointerAt(args, 0) + ((<usize>start) << 2);
  let y = pointerAt(args, 1) + ((<usize>start) << 2);
  let left = firstOf(task + 1, count, size) - start;
  for (; left >= 4; left -= 4) {
    v128.store(y, positive(v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; left > 0; left -= 1) {
    const value = load<f32>(x);
    store<f32>(y, value < 0 ? 0 : value);
    x += 4;
    y += 4;
  }
}

/** dx = dy where y is positive, else 0. Slots: y, dy, dx, size. */
export function reluGrad(task: i32, count: i32, args: usize, _scratch: usize): void {
  const size = intAt(args, 3);
  const start = firstOf(task, count, size);
  let y = pointerAt(args, 0) + ((<usize>start) << 2);
  let dy = pointerAt(args, 1) + ((<usize>start) << 2);
  let dx = pointerAt(args, 2) + ((<usize>start) << 2);
  let left = firstOf(task + 1, count, size) - start;
  for (; left >= 4; left -= 4) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), f32x4.splat(0))));
    y += 16;
    dy += 16;
    dx += 16;
  }
  for (; left > 0; left -= 1) {
    store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
    y += 4;
    dy += 4;
    dx += 4;
  }
}
