/** @file Some channels of each pixel, copied between tensors of different width. */

import { firstOf, intAt, pointerAt } from './tasks';

/** Each row's bytes from one matrix to the other. Slots: from, into, bytes of a row in each, bytes to copy, rows. */
export function copyColumns(task: i32, count: i32, args: usize, _scratch: usize): void {
  const fromBytes = pointerAt(args, 2);
  const intoBytes = pointerAt(args, 3);
  const bytes = pointerAt(args, 4);
  const rows = intAt(args, 5);
  const first = firstOf(task, count, rows);
  let from = pointerAt(args, 0) + <usize>first * fromBytes;
  let into = pointerAt(args, 1) + <usize>first * intoBytes;
  for (let left = firstOf(task + 1, count, rows) - first; left > 0; left -= 1) {
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) v128.store(into + at, v128.load(from + at));
    for (; at < bytes; at += 4) store<u32>(into + at, load<u32>(from + at));
    from += fromBytes;
    into += intoBytes;
  }
}
