import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it } from 'vitest';
import { registerKernels, unregisterKernels } from './register';

afterEach(unregisterKernels);

it('registers ours over the stock kernels and removes them again', () => {
  const stock = tf.getKernel('Conv2DBackpropFilter', 'webgpu').kernelFunc;
  registerKernels();
  registerKernels();
  expect(tf.getKernel('Conv2DBackpropFilter', 'webgpu').kernelFunc).not.toBe(stock);
  expect(tf.getKernel('AdamUpdate', 'webgpu')).toBeDefined();
  unregisterKernels();
  unregisterKernels();
  expect(tf.getKernel('Conv2DBackpropFilter', 'webgpu').kernelFunc).toBe(stock);
  expect(tf.getKernel('AdamUpdate', 'webgpu')).toBeUndefined();
});
