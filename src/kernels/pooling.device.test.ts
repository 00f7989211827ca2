import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, normals, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

interface Case {
  /** [B, H, W, C] */
  input: [number, number, number, number];
  filterSize: number | [number, number];
  strides: number;
  pad: 'same' | 'valid';
}

const CASES: Record<string, Case> = {
  '2x2 stride 2': { input: [2, 8, 6, 12], filterSize: 2, strides: 2, pad: 'valid' },
  '2x2 stride 2, a row left over': { input: [1, 7, 5, 1], filterSize: 2, strides: 2, pad: 'valid' },
  '3x3 stride 2': { input: [2, 9, 8, 5], filterSize: 3, strides: 2, pad: 'valid' },
  '3x3 stride 2 same': { input: [2, 8, 9, 4], filterSize: 3, strides: 2, pad: 'same' },
  '3x3 stride 1 same': { input: [2, 5, 4, 8], filterSize: 3, strides: 1, pad: 'same' },
  'whole image': { input: [3, 5, 7, 6], filterSize: [5, 7], strides: 1, pad: 'valid' },
  'one pixel': { input: [1, 1, 1, 3], filterSize: 3, strides: 1, pad: 'same' },
  'more channels than a part has': { input: [2, 5, 4, 70], filterSize: 3, strides: 2, pad: 'same' },
  'windows apart': { input: [1, 9, 9, 4], filterSize: 2, strides: 3, pad: 'valid' },
};

describe.each(Object.entries(CASES))('%s', (_name, { input, filterSize, strides, pad }) => {
  const info = tf.backend_util.computePool2DInfo(input, filterSize, strides, 1, pad);
  const attributes = { filterSize, strides, pad, dimRoundingMode: undefined };
  const dy = normals(info.outShape, 2);
  const channels = input[3];

  /** For every window: the output element, and the input elements it covers in row-major order. */
  function eachWindow(visit: (output: number, covered: number[]) => void): void {
    for (let output = 0; output < dy.length; output += 1) {
      const pixel = Math.floor(output / channels);
      const left = (pixel % info.outWidth) * strides - info.padInfo.left;
      const top = (Math.floor(pixel / info.outWidth) % info.outHeight) * strides - info.padInfo.top;
      const batch = Math.floor(pixel / info.outWidth / info.outHeight);
      const covered: number[] = [];
      for (let r = Math.max(top, 0); r < Math.min(top + info.filterHeight, info.inHeight); r += 1)
        for (let c = Math.max(left, 0); c < Math.min(left + info.filterWidth, info.inWidth); c += 1)
          covered.push(((batch * info.inHeight + r) * info.inWidth + c) * channels + (output % channels));
      visit(output, covered);
    }
  }

  it('maximum and average', async () => {
    const x = normals(input, 1);
    const most = new Float64Array(dy.length);
    const mean = new Float64Array(dy.length);
    eachWindow((output, covered) => {
      most[output] = Math.max(...covered.map((at) => x[at]));
      mean[output] = covered.reduce((sum, at) => sum + x[at], 0) / covered.length;
    });
    const inputs = { x: tensorOf(x, input) };
    const [actualMost] = await runPoisoned([dy.length], 'MaxPool', inputs, attributes);
    expectClose(actualMost, most, 1e-6);
    const [actualMean] = await runPoisoned([dy.length], 'AvgPool', inputs, attributes);
    expectClose(actualMean, mean, 1e-6);
    tf.dispose(inputs);
  });

  it.each(['distinct', 'often equal', 'constant'])('gradient of the maximum, values %s', async (kind) => {
    // Whole numbers and their like meet often, as zeros do behind a ReLU.
    const x = normals(input, 1).map((value) =>
      kind === 'distinct' ? value : kind === 'constant' ? 0 : Math.round(value),
    );
    const y = new Float32Array(dy.length);
    const dx = new Float64Array(x.length);
    eachWindow((output, covered) => {
      const first = covered.reduce((best, at) => (x[at] > x[best] ? at : best));
      y[output] = x[first];
      dx[first] += dy[output];
    });
    const inputs = { dy: tensorOf(dy, info.outShape), input: tensorOf(x, input), output: tensorOf(y, info.outShape) };
    const [actual] = await runPoisoned([x.length], 'MaxPoolGrad', inputs, attributes);
    expectClose(actual, dx, 1e-6);
    tf.dispose(inputs);
  });

  it('the maximum and the average', async () => {
    const x = normals(input, 3);
    const largest = new Float64Array(dy.length);
    const mean = new Float64Array(dy.length);
    eachWindow((output, covered) => {
      largest[output] = Math.max(...covered.map((at) => x[at]));
      mean[output] = covered.reduce((sum, at) => sum + x[at], 0) / covered.length;
    });
    const inputs = { x: tensorOf(x, input) };
    const [max] = await runPoisoned([dy.length], 'MaxPool', inputs, attributes);
    const [average] = await runPoisoned([dy.length], 'AvgPool', inputs, attributes);
    expectClose(max, largest, 1e-7);
    expectClose(average, mean, 1e-6);
    tf.dispose(inputs);
  });

  it('gradient of the average', async () => {
    const dx = new Float64Array(tf.util.sizeFromShape(input));
    eachWindow((output, covered) => {
      for (const at of covered) dx[at] += dy[output] / covered.length;
    });
    const inputs = { dy: tensorOf(dy, info.outShape) };
    const [actual] = await runPoisoned([dx.length], 'AveragePoolGrad', inputs, { ...attributes, inputShape: input });
    expectClose(actual, dx, 1e-6);
    tf.dispose(inputs);
  });
});

it.each([[[2, 7, 7, 20]], [[3, 1, 4, 5]], [[1, 1, 1, 1]]])('mean of %j', async (shape) => {
  const x = normals(shape, 1);
  const [batch, height, width, channels] = shape;
  const mean = new Float64Array(batch * channels);
  x.forEach((value, i) => {
    const image = Math.floor(i / (height * width * channels));
    mean[image * channels + (i % channels)] += value / (height * width);
  });
  const inputs = { x: tensorOf(x, shape) };
  const [actual] = await runPoisoned([mean.length], 'GlobalAveragePool', inputs, {});
  expect(actual.length).toBe(mean.length);
  expectClose(actual, mean, 1e-5);
  tf.dispose(inputs);
});
