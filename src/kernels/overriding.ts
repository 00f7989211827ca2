/** @file A kernel of ours in place of a stock one, which still computes the calls that ours does not support. */

import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';

/** @param run returns null for a call that the stock kernel has to compute. */
export function overriding<Backend, Inputs, Attributes>(
  run: (backend: Backend, inputs: Inputs, attributes: Attributes) => TensorInfo | TensorInfo[] | null,
): (stock: KernelFunc) => KernelFunc {
  return (stock) => (call) =>
    run(call.backend as Backend, call.inputs as Inputs, call.attrs as Attributes) ?? stock(call);
}
