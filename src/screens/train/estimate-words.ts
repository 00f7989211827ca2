/** @file An estimate in words: the line on a network's card, and how its numbers came about. */

import { type DeviceKind, memoryWords } from '../../domain/device';
import type { RunEstimate, TimeEstimate } from '../../state/estimate-run';
import { formatGflops, formatRoughBytes, formatRoughDuration } from '../../ui/format';

/** `About 250 MB of GPU memory · 41 s an epoch · 10 min for 15 epochs`. */
export function estimateLine({ device, memoryBytes, time }: RunEstimate, epochs: number): string {
  const parts = [`${formatRoughBytes(memoryBytes)} of ${memoryWords(device)}`];
  if (time) {
    parts.push(`${formatRoughDuration(time.epochMs)} an epoch`);
    if (epochs > 1) parts.push(`${formatRoughDuration(time.epochMs * epochs)} for ${epochs} epochs`);
  }
  return `About ${parts.join(' · ')}${time?.basis.kind === 'product' ? ' (time: a first guess)' : ''}`;
}

const BESIDES: Record<DeviceKind, string> = {
  webgpu:
    'What is kept ready for the next step comes on top: as much as stays below 2.5 GB in all, past that 256 MB; less where the GPU has no more.',
  processor:
    'WebAssembly gives the processor device 4 GB at most, and keeps what it once had until the page is closed.',
};

/** How the numbers came about, in paragraphs. */
export function estimateOrigin({ device, time }: RunEstimate): string[] {
  const paragraphs = [`Memory: weights, optimizer and one training step, by arithmetic. ${BESIDES[device]}`];
  if (time) paragraphs.push(timeOrigin(time));
  return paragraphs;
}

function timeOrigin({ basis, gflops }: TimeEstimate): string {
  const rate = `${formatGflops(gflops)} GFLOP/s`;
  if (basis.kind === 'epoch') {
    return `Time: the operations of an epoch at ${rate}, measured in the newest epoch of this network on this device, at ${basis.inputSize} px with Batch size ${basis.batchSize}.`;
  }
  const share = `${Math.round(basis.share * 100)} % of the ${formatGflops(basis.productGflops)} GFLOP/s of a matrix product measured just now`;
  return `Time: a first guess until this network has trained here. The operations of an epoch at ${rate}, assumed to be ${share}.`;
}
