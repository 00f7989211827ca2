import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLANS, type Plan, usePlan } from './device-test-kit';
import { expectClose, normals, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

type Pad = 'same' | 'valid' | [[number, number], [number, number], [number, number], [number, number]];

interface Case {
  /** [B, H, W, C] */
  input: [number, number, number, number];
  /** [h, w, C, D] */
  filter: [number, number, number, number];
  stride: number;
  pad: Pad;
}

const CASES: Record<string, Case> = {
  'one channel, odd sizes, batch 1': { input: [1, 7, 5, 1], filter: [3, 3, 1, 11], stride: 1, pad: 'valid' },
  'three channels, 7x7 stride 2, explicit padding': {
    input: [2, 19, 19, 3],
    filter: [7, 7, 3, 64],
    stride: 2,
    pad: [
      [0, 0],
      [3, 3],
      [3, 3],
      [0, 0],
    ],
  },
  '3x3 same, wide': { input: [2, 9, 8, 40], filter: [3, 3, 40, 68], stride: 1, pad: 'same' },
  '3x3 stride 2 same, even input': { input: [3, 8, 8, 5], filter: [3, 3, 5, 6], stride: 2, pad: 'same' },
  '3x3 stride 2 valid, even input': { input: [2, 8, 8, 17], filter: [3, 3, 17, 9], stride: 2, pad: 'valid' },
  '1x7': { input: [2, 3, 9, 12], filter: [1, 7, 12, 20], stride: 1, pad: 'same' },
  '7x1': { input: [2, 9, 3, 12], filter: [7, 1, 12, 20], stride: 1, pad: 'same' },
  '1x1 on a single point, long sum': { input: [4, 1, 1, 700], filter: [1, 1, 700, 33], stride: 1, pad: 'same' },
  '3x3 same on a single pixel': { input: [4, 1, 1, 12], filter: [3, 3, 12, 20], stride: 1, pad: 'same' },
  '5x5 stride 2, wider than the map': { input: [2, 2, 1, 4], filter: [5, 5, 4, 6], stride: 2, pad: 'same' },
  '1x1 stride 2': { input: [2, 5, 5, 6], filter: [1, 1, 6, 7], stride: 2, pad: 'valid' },
  'stride 3, an input of 2 rows, long sum': { input: [2, 2, 9, 3], filter: [3, 3, 3, 90], stride: 3, pad: 'same' },
  'stride 3': { input: [1, 11, 10, 2], filter: [3, 2, 2, 5], stride: 3, pad: 'valid' },
  'few outputs, long sum over pixels': { input: [3, 40, 41, 3], filter: [3, 3, 3, 4], stride: 1, pad: 'same' },
};

/** Calls `visit` with the flat indices of every input, filter and output element that meet. */
function eachTap(info: tf.backend_util.Conv2DInfo, visit: (x: number, w: number, y: number) => void): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  for (let b = 0; b < info.batchSize; b += 1)
    for (let row = 0; row < outHeight; row += 1)
      for (let column = 0; column < outWidth; column += 1)
        for (let i = 0; i < filterHeight; i += 1)
          for (let j = 0; j < filterWidth; j += 1) {
            const y = row * info.strideHeight - info.padInfo.top + i;
            const x = column * info.strideWidth - info.padInfo.left + j;
            if (y < 0 || y >= inHeight || x < 0 || x >= inWidth) continue;
            const input = ((b * inHeight + y) * inWidth + x) * inChannels;
            const output = ((b * outHeight + row) * outWidth + column) * outChannels;
            for (let c = 0; c < inChannels; c += 1)
              for (let d = 0; d < outChannels; d += 1)
                visit(input + c, ((i * filterWidth + j) * inChannels + c) * outChannels + d, output + d);
          }
}

beforeAll(startBackend);
afterAll(() => usePlan(null));

// Every plan, whichever the adapter here would get; staged pipelines compile slowly on a software one, so every other case.
const STAGED_CASES = Object.entries(CASES).filter((_, i) => i % 2 === 1);
const isQuick = ([name]: [string, Case]) => name === '3x3 stride 2 same, even input';

for (const plan of PLANS) {
  const cases = plan === 'hardware' ? STAGED_CASES : Object.entries(CASES);
  const isLong = (entry: [string, Case]) => plan === 'hardware' && !isQuick(entry);
  const compare = (_name: string, shape: Case) => compareWithLoops(plan, shape);
  describe.each(cases.filter((entry) => !isLong(entry)))(`${plan}, %s`, compare);
  describe.each(cases.filter(isLong))(`${plan}, %s`, { tags: 'long' }, compare);
}

/** The three products of a convolution against the loops of `eachTap`. */
function compareWithLoops(plan: Plan, { input, filter, stride, pad }: Case): void {
  beforeAll(() => usePlan(plan));

  const info = tf.backend_util.computeConv2DInfo(input, filter, stride, 1, pad);
  const attributes = { strides: [stride, stride], pad, dataFormat: 'NHWC', dilations: 1 };
  const x = normals(input, 1);
  const w = normals(filter, 2);
  const dy = normals(info.outShape, 3);
  const bias = normals([filter[3]], 4);
  const [sizeX, sizeW, sizeY] = [x.length, w.length, dy.length];
  const withParts = (size: number) => [1, 2, 3, 4, 5, 6, 7, 8].map((count) => count * size);

  it('forward, with bias and ReLU', async () => {
    const expected = new Float64Array(sizeY);
    eachTap(info, (i, k, o) => {
      expected[o] += x[i] * w[k];
    });
    const inputs = { x: tensorOf(x, input), filter: tensorOf(w, filter), bias: tensorOf(bias, [filter[3]]) };
    const [plain] = await runPoisoned(withParts(sizeY), 'Conv2D', { x: inputs.x, filter: inputs.filter }, attributes);
    expectClose(plain, expected, 1e-5);
    const [fused] = await runPoisoned(withParts(sizeY), 'FusedConv2D', inputs, { ...attributes, activation: 'relu' });
    const activated = expected.map((value, i) => Math.max(0, value + bias[i % filter[3]]));
    expectClose(fused, activated, 1e-5);
    tf.dispose(inputs);
  });

  it('gradient of the filter', async () => {
    const expected = new Float64Array(sizeW);
    eachTap(info, (i, k, o) => {
      expected[k] += x[i] * dy[o];
    });
    const inputs = { x: tensorOf(x, input), dy: tensorOf(dy, info.outShape) };
    const [actual] = await runPoisoned(withParts(sizeW), 'Conv2DBackpropFilter', inputs, {
      ...attributes,
      filterShape: filter,
    });
    expectClose(actual, expected, 1e-5);
    tf.dispose(inputs);
  });

  it('gradient of the input', async () => {
    const expected = new Float64Array(sizeX);
    eachTap(info, (i, k, o) => {
      expected[i] += dy[o] * w[k];
    });
    const inputs = { dy: tensorOf(dy, info.outShape), filter: tensorOf(w, filter) };
    const [actual] = await runPoisoned(withParts(sizeX), 'Conv2DBackpropInput', inputs, {
      ...attributes,
      inputShape: input,
    });
    expectClose(actual, expected, 1e-5);
    tf.dispose(inputs);
  });
}

it('leaves dilated convolutions to the stock kernel', async () => {
  const x = tensorOf(normals([1, 6, 6, 2], 1), [1, 6, 6, 2]) as tf.Tensor4D;
  const filter = tensorOf(normals([3, 3, 2, 2], 2), [3, 3, 2, 2]) as tf.Tensor4D;
  const y = tf.conv2d(x, filter, 1, 'valid', 'NHWC', 2);
  expect(y.shape).toEqual([1, 2, 2, 2]);
  tf.dispose([x, filter, y]);
});
