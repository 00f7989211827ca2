/** @file Whether a "GPU" is one, or computed on the processor, where a dozen workgroups keep it busy and barriers are dear. */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** What browsers tell of an adapter; older ones leave some of it out. */
export type AdapterWords = Partial<
  Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'description' | 'isFallbackAdapter'>
>;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|\bwarp\b|basic render/i;

export function looksLikeSoftware({ vendor, architecture, description, isFallbackAdapter }: AdapterWords): boolean {
  return isFallbackAdapter === true || SOFTWARE.test([vendor, architecture, description].join(' '));
}

const devices = new WeakMap<GPUDevice, boolean>();

/** True when the processor computes what runs on this backend. */
export function isSoftwareAdapter({ device, adapterInfo }: WebGPUBackend): boolean {
  if (pretended) return pretended === 'software';
  let software = devices.get(device);
  if (software === undefined) {
    // TensorFlow.js keeps vendor and architecture alone, in private; browsers of before 2025 tell the device nothing.
    const told: AdapterWords | undefined = device.adapterInfo;
    software = looksLikeSoftware(told ?? (adapterInfo as unknown as AdapterWords));
    devices.set(device, software);
  }
  return software;
}

let pretended: 'software' | 'hardware' | null = null;

/** Lets a test or a benchmark run what the other kind of adapter would get; null gives the truth back. */
export function pretendAdapter(kind: 'software' | 'hardware' | null): void {
  pretended = kind;
}
