/**
 * @file Everything that the processor's kernels export, in AssemblyScript.
 *
 * A kernel is `(task: i32, count: i32, args: usize, scratch: usize) => void`: it does part `task` of `count` parts of its
 * work, on any thread, and writes nothing that another part writes. How work is split depends on shapes alone, never on the
 * number of threads, so that results are the same with any number. `args` points to the slots that processor-device.ts
 * has written, 8 bytes each; `scratch` to SCRATCH_BYTES that belong to the thread.
 */

export { augmentImages } from './augment';
export { batchNormApply, batchNormGradBlocks, batchNormGradInput } from './batch-norm';
export { combineMoments, momentBlocks } from './batch-norm-statistics';
export { softmaxCrossEntropy } from './cross-entropy';
export { denseAdamUpdate, denseSgdUpdate } from './dense-updates';
export { averagePoolGrad, globalAveragePool } from './average';
export { copyColumns } from './channels';
export { sumBlocks, sumRows } from './columns';
export { addInto, relu, reluGrad } from './elements';
export { copyRows, fill } from './copies';
export { averagePool, maxPool, maxPoolGrad } from './pooling';
export { packMatrix, packTurned, patchProduct, patchReduction, sumArrays } from './product';
export { dotProduct, streamProduct } from './stream';
export { adamUpdate, moveStatistics, sgdUpdate } from './updates';
