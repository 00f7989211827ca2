/**
 * @file Whether an adapter is hardware or computed on the processor. On a processor a dozen workgroups keep all cores busy,
 * and barriers are expensive.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** What browsers report of an adapter; older ones leave some of it out. */
export type AdapterReport = Partial<
  Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'description' | 'isFallbackAdapter'>
>;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|\bwarp\b|basic render/i;

/** True when the report names an adapter that is computed on the processor. */
export function looksLikeSoftware({ vendor, architecture, description, isFallbackAdapter }: AdapterReport): boolean {
  return isFallbackAdapter === true || SOFTWARE.test([vendor, architecture, description].join(' '));
}

const devices = new WeakMap<GPUDevice, boolean>();

/** True when the processor computes what runs on this backend. */
export function isSoftwareAdapter({ device, adapterInfo }: WebGPUBackend): boolean {
  if (pretended) return pretended === 'software';
  let software = devices.get(device);
  if (software === undefined) {
    // TensorFlow.js keeps only vendor and architecture, privately; browsers from before 2025 have no `device.adapterInfo`.
    const reported: AdapterReport | undefined = device.adapterInfo;
    software = looksLikeSoftware(reported ?? (adapterInfo as unknown as AdapterReport));
    devices.set(device, software);
  }
  return software;
}

let pretended: 'software' | 'hardware' | null = null;

/** Lets a test or a benchmark run the programs of the other kind of adapter; null ends that. */
export function pretendAdapter(kind: 'software' | 'hardware' | null): void {
  pretended = kind;
}
