import { describe, expect, it } from 'vitest';
import type { FoundDevices } from './find-devices';
import { pickDevice } from './pick-device';

const NO_GPU = 'This browser does not offer WebGPU.';
const NO_SIMD = 'The WebAssembly of this browser lacks SIMD.';
const FREE = { forced: null, remembered: null };

function found(webgpu: 'gpu' | 'software' | 'missing', processor = true): FoundDevices {
  return {
    adapter: webgpu === 'missing' ? null : ({} as GPUAdapter),
    software: webgpu === 'software',
    choices: {
      webgpu: { kind: 'webgpu', detail: null, unavailable: webgpu === 'missing' ? NO_GPU : null },
      processor: { kind: 'processor', detail: null, unavailable: processor ? null : NO_SIMD },
    },
  };
}

describe('without a wish', () => {
  it.each([
    ['gpu', true, 'webgpu'],
    ['software', true, 'processor'],
    ['missing', true, 'processor'],
    ['software', false, 'webgpu'],
  ] as const)('%s, processor %s: %s', (webgpu, processor, picked) => {
    expect(pickDevice(found(webgpu, processor), FREE)).toBe(picked);
  });

  it('says what both lack where there is none', () => {
    expect(() => pickDevice(found('missing', false), FREE)).toThrow(
      new RegExp(`^${NO_GPU} ${NO_SIMD} To compute on a GPU, use a current`),
    );
  });
});

it('takes the one chosen before where it is still there', () => {
  const wish = (remembered: string) => ({ forced: null, remembered });
  expect(pickDevice(found('gpu'), wish('processor'))).toBe('processor');
  expect(pickDevice(found('software'), wish('webgpu'))).toBe('webgpu');
  expect(pickDevice(found('missing'), wish('webgpu'))).toBe('processor');
  expect(pickDevice(found('gpu'), wish('webgl'))).toBe('webgpu');
});

describe('forced by the address', () => {
  const wish = (forced: string) => ({ forced, remembered: 'webgpu' });

  it('is obeyed', () => {
    expect(pickDevice(found('gpu'), wish('processor'))).toBe('processor');
    expect(pickDevice(found('software'), wish('webgpu'))).toBe('webgpu');
  });

  it('is refused where it does not exist', () => {
    expect(() => pickDevice(found('missing'), wish('webgpu'))).toThrow(
      `The address asks for the device WebGPU. ${NO_GPU} Open the address without "device=" to have the device chosen.`,
    );
    expect(() => pickDevice(found('gpu'), wish('webgl'))).toThrow('There is no device named "webgl"');
  });
});
