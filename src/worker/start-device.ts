/** @file The one place where the device is chosen and started. */

import type { DeviceKind, DeviceStatus } from '../domain/device';
import { StudioError } from '../domain/failure';
import type { Device } from './device';
import { type FoundDevices, findDevices, HOW_TO_GET_WEBGPU } from './find-devices';
import { type DeviceWish, pickDevice } from './pick-device';
import { startProcessor } from './start-processor';
import { adapterName, startWebgpu, type WebgpuOptions } from './start-webgpu';

export interface DeviceOptions extends WebgpuOptions, DeviceWish {}

const NO_STOCK =
  'Stock kernels are compared on WebGPU: the processor device has its own alone. Open the address without "kernels=stock".';
const REFUSED = 'The GPU refused to start a WebGPU device.';

/**
 * Starts a device and makes it the one that TensorFlow.js computes on.
 * @param asked this one; left out: by the rule of {@link pickDevice}.
 * @throws {StudioError} no-gpu, when it cannot be started; what computed before goes on.
 */
export async function startDevice(options: DeviceOptions, asked?: DeviceKind): Promise<Device> {
  const found = await findDevices();
  const missing = asked ? found.choices[asked].unavailable : null;
  if (missing) throw new StudioError('no-gpu', missing);
  const kind = pickDevice(found, asked ? { forced: asked, remembered: null } : options);
  if (kind === 'processor' && options.kernels === 'stock') throw new StudioError('no-gpu', NO_STOCK);
  if (kind === 'processor') return await processorOf(found);
  const device = await webgpuOf(found, options);
  if (device) return device;
  // Nobody asked for WebGPU alone.
  const isFree = !asked && options.forced === null && found.choices.processor.unavailable === null;
  if (!isFree) throw new StudioError('no-gpu', `${REFUSED} ${HOW_TO_GET_WEBGPU}`);
  const webgpu = { ...found.choices.webgpu, unavailable: REFUSED };
  return await processorOf({ ...found, adapter: null, choices: { ...found.choices, webgpu } });
}

async function webgpuOf({ adapter, software, choices }: FoundDevices, options: DeviceOptions): Promise<Device | null> {
  const device = adapter && (await startWebgpu(adapter, options));
  if (!device) return null;
  const status: DeviceStatus = {
    backend: 'webgpu',
    adapter: adapterName(adapter, options.kernels),
    threads: null,
    software,
    limit: software ? 'in software, slow' : null,
    // On a software adapter the processor device would be the better choice.
    advice: software ? choices.processor.unavailable : null,
    choices: Object.values(choices),
  };
  return { ...device, status };
}

async function processorOf({ choices }: FoundDevices): Promise<Device> {
  const { threads, ...device } = await startProcessor();
  const { unavailable } = choices.webgpu;
  const limit = threads > 1 ? null : whyOneThread();
  const sentences = [
    unavailable && `${unavailable} The processor computes. ${HOW_TO_GET_WEBGPU}`,
    limit?.advice,
  ].filter((sentence) => typeof sentence === 'string');
  const status: DeviceStatus = {
    backend: 'processor',
    adapter: `Processor, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    threads,
    software: false,
    limit: limit?.words ?? null,
    advice: sentences.length > 0 ? sentences.join(' ') : null,
    choices: Object.values(choices),
  };
  return { ...device, status };
}

/** Null where the processor has no more. */
function whyOneThread(): { words: string; advice: string } | null {
  if (!globalThis.crossOriginIsolated) {
    return {
      words: 'the page is not cross-origin isolated',
      advice:
        'One thread of the processor computes, because this page is not cross-origin isolated: threads could not share memory. Serve it as npm start does, with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, over https or from localhost.',
    };
  }
  if (navigator.hardwareConcurrency === 1) return null;
  return {
    words: 'others did not start',
    advice: 'One thread of the processor computes, because the browser started no others. Reload the page.',
  };
}
