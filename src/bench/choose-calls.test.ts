import { expect, it } from 'vitest';
import { chooseCalls } from './choose-calls';
import type { KernelRow } from './kernel-row';
import type { CountedCall } from './record-calls';

const row: KernelRow = {
  title: 'a kernel',
  product: true,
  describe: () => '',
  form: ({ attributes }) => String(attributes.form),
  cost: ({ inputs }) => ({ flops: inputs.x.shape[0], bytes: 0 }),
};

const call = (form: string, size: number, count: number): CountedCall => ({
  kernel: 'K',
  inputs: { x: { shape: [size], dtype: 'float32' } },
  attributes: { form },
  count,
});

it('takes every form before a second shape of one, the costliest first, and counts each network', () => {
  const calls = [call('3x3', 10, 1), call('3x3', 8, 9), call('1x7', 1, 1)];
  const recorded = [
    { network: 'vgg16', calls } as const,
    { network: 'inceptionv3', calls: [call('1x7', 1, 5)] } as const,
  ];
  expect(chooseCalls(recorded, { K: row }, 2).map(({ inputs, calls: counts }) => [inputs.x.shape[0], counts])).toEqual([
    [8, { vgg16: 1 * 9 }],
    [1, { vgg16: 1, inceptionv3: 5 }],
  ]);
});
