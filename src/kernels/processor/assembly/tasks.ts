/** @file How a kernel reads its arguments and finds its part of the work. */

// @ts-ignore: decorator
@inline export function pointerAt(args: usize, slot: i32): usize {
  return load<usize>(args + (<usize>slot << 3));
}

// @ts-ignore: decorator
@inline export function intAt(args: usize, slot: i32): i32 {
  return load<i32>(args + (<usize>slot << 3));
}

// @ts-ignore: decorator
@inline export function floatAt(args: usize, slot: i32): f32 {
  return load<f32>(args + (<usize>slot << 3));
}

/** The first of `size` items that belong to part `task`; those of the next part begin where these end. */
// @ts-ignore: decorator
@inline export function firstOf(task: i32, count: i32, size: i32): i32 {
  return <i32>((<i64>size * task) / count);
}
