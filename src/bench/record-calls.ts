/** @file Which kernels a piece of work calls, at which shapes, and how often. */

import * as tf from '@tensorflow/tfjs';

export interface TensorSpec {
  shape: number[];
  dtype: tf.DataType;
}

export interface KernelCall {
  kernel: string;
  inputs: Record<string, TensorSpec>;
  attributes: Record<string, unknown>;
}

export interface CountedCall extends KernelCall {
  /** How often the work called it. */
  count: number;
}

/** Calls of one kernel at one shape with the same attributes are one. */
export async function recordCalls(work: () => Promise<unknown>): Promise<CountedCall[]> {
  const calls = new Map<string, CountedCall>();
  const engine = tf.engine();
  const run = engine.runKernel.bind(engine);
  engine.runKernel = (kernel, inputs, attributes) => {
    const call = { kernel, inputs: specsOf(inputs), attributes: { ...attributes } };
    const key = keyOf(call);
    calls.set(key, { ...call, count: (calls.get(key)?.count ?? 0) + 1 });
    return run(kernel, inputs, attributes);
  };
  try {
    await work();
  } finally {
    Reflect.deleteProperty(engine, 'runKernel');
  }
  return [...calls.values()];
}

/** Equal for calls of one kernel with the same shapes and attributes. */
export function keyOf({ kernel, inputs, attributes }: KernelCall): string {
  return JSON.stringify([kernel, inputs, attributes]);
}

function specsOf(inputs: tf.NamedTensorMap): Record<string, TensorSpec> {
  const specs: Record<string, TensorSpec> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    // A kernel of ours leaves out what a layer has not (gamma, bias).
    if (tensor) specs[name] = { shape: [...tensor.shape], dtype: tensor.dtype };
  }
  return specs;
}
