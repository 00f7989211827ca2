import { expect, it } from 'vitest';
import { networkCost } from './network-cost';

it('names what the network needs when the input size is below it', () => {
  expect(networkCost('inceptionv3', 32, 3)).toEqual({
    text: 'Needs at least 75 px; the input size is 32 px.',
    tooSmall: true,
  });
});

it('counts parameters at the input size, and at the network’s own while none is usable', () => {
  expect(networkCost('baseline', 8, 3)).toEqual({
    text: '1,499 parameters, 1,499 trained, at 8 px',
    tooSmall: false,
  });
  // 2 fewer outputs of 396 features each.
  expect(networkCost('baseline', 8, 1).text).toMatch(/^705 parameters/);
  for (const inputSize of [null, Number.NaN, 75.5, 5000]) {
    expect(networkCost('inceptionv3', inputSize, 3)).toMatchObject({ tooSmall: false });
    expect(networkCost('inceptionv3', inputSize, 3).text).toMatch(/trained, at 299 px$/);
  }
});
