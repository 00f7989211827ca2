/**
 * @file Kernels that update weights in place.
 *
 * Every element is computed by the same operations, each rounded, whether four stand together or one alone: how a tensor is
 * split changes no bit.
 */

import { floatAt, firstOf, intAt, pointerAt } from './tasks';

/** A moving mean a step nearer to what it follows. */
// @ts-ignore: decorator
@inline function moved(mean: v128, towards: v128, share: v128): v128 {
  return f32x4.add(mean, f32x4.mul(f32x4.sub(towards, mean), share));
}

/** value - rate m / (sqrt(v) + epsilon): Keras adds epsilon outside the root. */
// @ts-ignore: decorator
@inline function adamValue(value: v128, m: v128, v: v128, rate: v128, epsilon: v128): v128 {
  return f32x4.sub(value, f32x4.div(f32x4.mul(rate, m), f32x4.add(f32x4.sqrt(v), epsilon)));
}

/** Adam for `size` elements that follow each other, by their gradients. */
export function adamRow(
  size: i32,
  value: usize,
  gradient: usize,
  m: usize,
  v: usize,
  rate: v128,
  share1: v128,
  share2: v128,
  epsilon: v128,
): void {
  let left = size;
  for (; left >= 4; left -= 4) {
    const g = v128.load(gradient);
    const newM = moved(v128.load(m), g, share1);
    const newV = moved(v128.load(v), f32x4.mul(g, g), share2);
    v128.store(m, newM);
    v128.store(v, newV);
    v128.store(value, adamValue(v128.load(value), newM, newV, rate, epsilon));
    gradient += 16;
    m += 16;
    v += 16;
    value += 16;
  }
  for (; left > 0; left -= 1) {
    const g = v128.load_zero<f32>(gradient);
    const newM = moved(v128.load_zero<f32>(m), g, share1);
    const newV = moved(v128.load_zero<f32>(v), f32x4.mul(g, g), share2);
    v128.store_lane<f32>(m, newM, 0);
    v128.store_lane<f32>(v, newV, 0);
    v128.store_lane<f32>(value, adamValue(v128.load_zero<f32>(value), newM, newV, rate, epsilon), 0);
    gradient += 4;
    m += 4;
    v += 4;
    value += 4;
  }
}

/** Gradient descent for `size` elements that follow each other; `velocity` is 0 where there is none. */
export function sgdRow(size: i32, value: usize, gradient: usize, velocity: usize, rate: v128, momentum: v128): void {
  let left = size;
  for (; left >= 4; left -= 4) {
    let change = f32x4.neg(f32x4.mul(rate, v128.load(gradient)));
    if (velocity) {
      change = f32x4.add(f32x4.mul(momentum, v128.load(velocity)), change);
      v128.store(velocity, change);
      velocity += 16;
    }
    v128.store(value, f32x4.add(v128.load(value), change));
    gradient += 16;
    value += 16;
  }
  for (; left > 0; left -= 1) {
    let change = -(f32x4.extract_lane(rate, 0) * load<f32>(gradient));
    if (velocity) {
      change = f32x4.extract_lane(momentum, 0) * load<f32>(velocity) + change;
      store<f32>(velocity, change);
      velocity += 4;
    }
    store<f32>(value, load<f32>(value) + change);
    gradient += 4;
    value += 4;
  }
}

/** Slots: value, gradient, m, v, size, rate, 1 - beta1, 1 - beta2, epsilon. */
export function adamUpdate(task: i32, count: i32, args: usize, _scratch: usize): void {
  const size = intAt(args, 4);
  const start = firstOf(task, count, size);
  const offset = (<usize>start) << 2;
  adamRow(
    firstOf(task + 1, count, size) - start,
    pointerAt(args, 0) + offset,
    pointerAt(args, 1) + offset,
    pointerAt(args, 2) + offset,
    pointerAt(args, 3) + offset,
    f32x4.splat(floatAt(args, 5)),
    f32x4.splat(floatAt(args, 6)),
    f32x4.splat(floatAt(args, 7)),
    f32x4.splat(floatAt(args, 8)),
  );
}

/** Slots: value, gradient, velocity or 0, size, rate, momentum. */
export function sgdUpdate(task: i32, count: i32, args: usize, _scratch: usize): void {
  const size = intAt(args, 3);
  const start = firstOf(task, count, size);
  const offset = (<usize>start) << 2;
  const velocity = pointerAt(args, 2);
  sgdRow(
    firstOf(task + 1, count, size) - start,
    pointerAt(args, 0) + offset,
    pointerAt(args, 1) + offset,
    velocity ? velocity + offset : 0,
    f32x4.splat(floatAt(args, 4)),
    f32x4.splat(floatAt(args, 5)),
  );
}

/** moving = moving momentum + batch share, twice. Slots: moving mean, mean, moving variance, variance, size, momentum, share. */
export function moveStatistics(task: i32, count: i32, args: usize, _scratch: usize): void {
  const size = intAt(args, 4);
  const start = firstOf(task, count, size);
  const end = firstOf(task + 1, count, size);
  const momentum = floatAt(args, 5);
  const share = floatAt(args, 6);
  for (let slot = 0; slot < 4; slot += 2) {
    const moving = pointerAt(args, slot);
    const batch = pointerAt(args, slot + 1);
    for (let i = start; i < end; i += 1) {
      const offset = (<usize>i) << 2;
      store<f32>(moving + offset, load<f32>(moving + offset) * momentum + load<f32>(batch + offset) * share);
    }
  }
}
