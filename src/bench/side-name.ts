/** @file The sides of a comparison, by name. */

/** What a run can measure itself: ours on the device, ours on WebGPU beside the processor, TensorFlow.js' own kernels on WebGPU. */
export const MEASURED_SIDES = ['ours', 'webgpu', 'stock'] as const;

export type MeasuredSide = (typeof MEASURED_SIDES)[number];

/** Keras' numbers come from a file that e2e/reference/bench_keras.py wrote. */
export const SIDE_NAMES = [...MEASURED_SIDES, 'keras'] as const;

export type SideName = (typeof SIDE_NAMES)[number];

/** As the tables say it. */
export const SIDE_TITLES: Record<SideName, string> = {
  ours: 'ours',
  webgpu: 'ours on WebGPU',
  stock: 'stock',
  keras: 'Keras',
};

/** How fast it goes, which decides what sizes are measured and how often: a GPU, the processor playing one, the processor as such. */
export type Pace = 'gpu' | 'software' | 'processor';
