/** @file Loss, gradient and hit of each sample, from logits. */

import { firstOf, intAt, pointerAt } from './tasks';

/** Slots: logits, labels, losses, gradient, hits, samples, classes. */
export function softmaxCrossEntropy(task: i32, count: i32, args: usize, _scratch: usize): void {
  const batch = intAt(args, 5);
  const classes = intAt(args, 6);
  const share: f32 = <f32>1 / <f32>batch;
  const end = firstOf(task + 1, count, batch);
  for (let sample = firstOf(task, count, batch); sample < end; sample += 1) {
    const logits = pointerAt(args, 0) + <usize>sample * ((<usize>classes) << 2);
    const gradient = pointerAt(args, 3) + <usize>sample * ((<usize>classes) << 2);
    const offset = (<usize>sample) << 2;
    const label = load<i32>(pointerAt(args, 1) + offset);
    let best = 0;
    let top = load<f32>(logits);
    for (let k = 1; k < classes; k += 1) {
      const logit = load<f32>(logits + ((<usize>k) << 2));
      if (logit > top) {
        best = k;
        top = logit;
      }
    }
    let sum: f32 = 0;
    for (let k = 0; k < classes; k += 1) {
      const part = Mathf.exp(load<f32>(logits + ((<usize>k) << 2)) - top);
      store<f32>(gradient + ((<usize>k) << 2), part);
      sum += part;
    }
    for (let k = 0; k < classes; k += 1) {
      const at = gradient + ((<usize>k) << 2);
      store<f32>(at, (load<f32>(at) / sum - (k === label ? <f32>1 : <f32>0)) * share);
    }
    store<f32>(pointerAt(args, 2) + offset, Mathf.log(sum) - (load<f32>(logits + ((<usize>label) << 2)) - top));
    store<f32>(pointerAt(args, 4) + offset, best === label ? 1 : 0);
  }
}
