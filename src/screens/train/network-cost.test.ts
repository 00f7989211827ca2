import { expect, it } from 'vitest';
import { networkCost } from './network-cost';

const at = (inputSize: number) => ({
  id: 'inceptionv3' as const,
  inputSize,
  parameterCount: 1_234_567,
  trainableParameterCount: 1_000_000,
});

it('names what the network needs when the input size is below it', () => {
  expect(networkCost('inceptionv3', 32, at(75))).toEqual({
    text: 'Needs at least 75 px; the input size is 32 px.',
    tooSmall: true,
  });
});

it('counts parameters at the size they were counted at', () => {
  expect(networkCost('inceptionv3', 75, at(75))).toMatchObject({ tooSmall: false });
  expect(networkCost('inceptionv3', null, at(299)).text).toMatch(/^1,234,567 parameters, .* trained, at 299 px$/);
  expect(networkCost('inceptionv3', Number.NaN, at(299)).tooSmall).toBe(false);
  expect(networkCost('inceptionv3', null, null).text).toBe('Inputs from 75 px');
});
