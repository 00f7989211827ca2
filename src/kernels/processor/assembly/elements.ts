/** @file Kernels that go through tensors element by element. */

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
