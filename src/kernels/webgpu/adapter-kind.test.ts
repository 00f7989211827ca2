import { expect, it } from 'vitest';
import { looksLikeSoftware } from './adapter-kind';

it.each([
  { vendor: 'google', architecture: 'swiftshader' },
  { vendor: 'mesa', architecture: '', description: 'llvmpipe (LLVM 19.1.7, 256 bits)' },
  { vendor: 'microsoft', architecture: 'warp', description: '' },
  { vendor: '', architecture: '', description: 'Microsoft Basic Render Driver' },
  { vendor: '', architecture: '', description: '', isFallbackAdapter: true },
])('takes %o for the processor', (info) => {
  expect(looksLikeSoftware(info)).toBe(true);
});

it.each([
  { vendor: 'nvidia', architecture: 'hopper', description: 'NVIDIA H200', isFallbackAdapter: false },
  { vendor: 'apple', architecture: 'metal-3' },
  { vendor: 'qualcomm', architecture: 'adreno-7xx', description: 'Adreno (warped)' },
  {},
])('takes %o for a GPU', (info) => {
  expect(looksLikeSoftware(info)).toBe(false);
});
