/**
 * @file `npm run bench:node`: the benchmark in Node, without a browser: on the GPU or software driver that Dawn finds, or on
 * one thread of the processor.
 *
 * `npm run bench:node -- --network vgg16 --json numbers.json`; an unknown option prints all of them.
 */

import { openBench, refuse, showEvent } from './bench-kit.mjs';

const { vite, task } = await openBench({ middlewareMode: true });
const { device, sides } = task.options;
if (device === 'webgpu' || (sides?.length ?? 1) > 1) await offerWebgpu();

const { runBenchmark } = await vite.ssrLoadModule('/src/bench/run-benchmark.ts');
/** @type {Promise<number | null>} */
let last = Promise.resolve(null);
await runBenchmark(task, (/** @type {import('../src/bench/report').BenchEvent} */ event) => {
  last = last.then(() => showEvent(vite, task, event));
});
process.exit((await last) ?? 1);

/** `navigator.gpu` and the WebGPU classes; ends the process with a sentence when there is no driver. */
async function offerWebgpu() {
  const { create, globals } = await import('webgpu').catch((error) =>
    refuse(`Dawn for Node (the package webgpu) does not start on this machine: ${error.message}`),
  );
  Object.assign(globalThis, globals);
  const gpu = create([]);
  // Node 20 has no navigator, later ones have it read-only.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) {
    refuse(
      'Dawn found no GPU driver. Install the Vulkan driver of your GPU; without a GPU, Mesa 23 or newer computes on the ' +
        'processor (Debian: apt-get install mesa-vulkan-drivers libvulkan1, on Debian 12 from bookworm-backports).',
    );
  }
}
