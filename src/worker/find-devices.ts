/** @file Which devices this browser has, and why not the others. */

import type { DeviceChoice, DeviceKind } from '../domain/device';
import { findBuild } from '../kernels/processor/kernel-module';
import { looksLikeSoftware } from '../kernels/webgpu/adapter-kind';
import { adapterName } from './start-webgpu';

export interface FoundDevices {
  adapter: GPUAdapter | null;
  /** True when that adapter computes on the processor. */
  software: boolean;
  choices: Record<DeviceKind, DeviceChoice>;
}

/** What to do where WebGPU is missing. */
export const HOW_TO_GET_WEBGPU =
  "To compute on a GPU, use a current Chrome, Edge or Safari, update the graphics driver, and see that hardware acceleration is switched on in the browser's settings.";

const NO_SIMD =
  'The WebAssembly of this browser lacks SIMD or shared memory, which the processor device needs. Use a current Chrome, Edge, Firefox or Safari.';

/** Asks the browser. An adapter gives one device, so it is asked again for each. */
export async function findDevices(): Promise<FoundDevices> {
  const adapter = await requestAdapter();
  const found = typeof adapter === 'string' ? null : adapter;
  const unavailable = typeof adapter === 'string' ? adapter : null;
  const build = await findBuild();
  return {
    adapter: found,
    software: found !== null && looksLikeSoftware(found.info),
    choices: {
      webgpu: { kind: 'webgpu', detail: found && describe(found), unavailable },
      processor: {
        kind: 'processor',
        detail: build && 'WebAssembly, on the threads of the processor',
        unavailable: build ? null : NO_SIMD,
      },
    },
  };
}

function describe(adapter: GPUAdapter): string {
  const name = adapterName(adapter, 'ours');
  return looksLikeSoftware(adapter.info) ? `${name}: in software, many times slower than the processor device` : name;
}

/** @returns why there is none, in a sentence. */
async function requestAdapter(): Promise<GPUAdapter | string> {
  const gpu: GPU | undefined = navigator.gpu;
  if (!gpu) return 'This browser does not offer WebGPU.';
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  return adapter ?? 'This browser found no GPU that WebGPU may use.';
}
