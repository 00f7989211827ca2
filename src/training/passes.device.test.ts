import { describe, it } from 'vitest';
import { DEVICE, type Kernels, LONG_ON_WEBGPU, startKernels } from '../kernels/device-test-kit';
import { expectSame, stockReference } from './passes-test-kit';

const SHAPES = ['whole', 'cut', 'wide'] as const;
const isQuick = (shape: (typeof SHAPES)[number], kernels: Kernels) => shape === 'whole' && kernels === 'ours';

// TensorFlow.js' own kernels on the processor are what all are held to.
describe.each<Kernels>(DEVICE === 'processor' ? ['ours'] : ['ours', 'stock'])('kernels: %s', (kernels) => {
  for (const shape of SHAPES) {
    it(
      `a training pass agrees with the library on the processor, network ${shape}`,
      isQuick(shape, kernels) ? {} : LONG_ON_WEBGPU,
      async () => {
        const reference = await stockReference(shape);
        await startKernels(kernels);
        await expectSame(shape, reference);
      },
    );
  }
});
