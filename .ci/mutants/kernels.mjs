/** @file Planted changes in the processor's kernels. */

const ASSEMBLY = 'src/kernels/processor/assembly';

/** @type {import('./list.mjs').Mutant[]} */
export const KERNEL_MUTANTS = [
  {
    name: 'processor: average pooling divides by the whole window at the border',
    file: `${ASSEMBLY}/average.ts`,
    find: 'covered * pixelsOf(c, width, strideAcross, padLeft, inWidth)',
    replace: 'height * width',
    tests: ['kernels/pooling', 'training/keras-known-wrongs'],
  },
  {
    name: "processor: Adam's epsilon inside the root",
    file: `${ASSEMBLY}/updates.ts`,
    find: 'f32x4.add(f32x4.sqrt(v), epsilon)',
    replace: 'f32x4.sqrt(f32x4.add(v, epsilon))',
    tests: ['kernels/update'],
  },
  {
    name: "processor: Adam's second moment follows the gradient, not its square",
    file: `${ASSEMBLY}/updates.ts`,
    find: 'const newV = moved(v128.load(v), f32x4.mul(g, g), share2);',
    replace: 'const newV = moved(v128.load(v), f32x4.abs(g), share2);',
    tests: ['kernels/update'],
  },
  {
    name: 'processor: the last elements of an update are left out',
    file: `${ASSEMBLY}/updates.ts`,
    find: 'for (; left > 0; left -= 1) {\n    const g',
    replace: 'for (; left > 1; left -= 1) {\n    const g',
    tests: ['kernels/update'],
  },
  {
    name: "processor: BatchNorm's momentum turned round",
    file: 'src/kernels/processor/move-statistics.ts',
    find: '[{ float: momentum }, { float: 1 - momentum }]',
    replace: '[{ float: 1 - momentum }, { float: momentum }]',
    tests: ['kernels/element-pass'],
  },
  {
    name: 'processor: BatchNorm differentiates as if its statistics were constants',
    file: `${ASSEMBLY}/batch-norm.ts`,
    find: '    if (training) {\n      const distance',
    replace: '    if (false) {\n      const distance',
    tests: ['kernels/batch-norm'],
  },
  {
    name: "processor: the variance of a block is not taken about the block's mean",
    file: `${ASSEMBLY}/batch-norm-statistics.ts`,
    find: 'load<f32>(squares + at) - sum * average',
    replace: 'load<f32>(squares + at)',
    tests: ['kernels/batch-norm'],
  },
  {
    name: 'processor: outside pixels are black',
    file: `${ASSEMBLY}/augment.ts`,
    find: '    const color = mix(upper, lower, insideY - <f32>top);',
    replace: '    const color = x < 0 ? f32x4.splat(0) : mix(upper, lower, insideY - <f32>top);',
    tests: ['training/keras-augmentation'],
  },
  {
    name: 'processor: the flip left out',
    file: `${ASSEMBLY}/augment.ts`,
    find: 'flip ? side - 1 - column : column',
    replace: 'column',
    tests: ['training/keras-augmentation'],
  },
  {
    name: 'processor: the noise of every row is the same',
    file: `${ASSEMBLY}/augment.ts`,
    find: 'const index = row * length;',
    replace: 'const index = 0;',
    tests: ['kernels/augment-images', 'training/keras-laws'],
  },
  {
    name: 'processor: a product adds no bias',
    file: `${ASSEMBLY}/product.ts`,
    find: 'finish |= relu | (bias ? BIAS : 0);',
    replace: 'finish |= relu;',
    tests: ['kernels/conv2d', 'kernels/mat-mul'],
  },
  {
    name: 'processor: a long sum forgets its first block',
    file: `${ASSEMBLY}/product.ts`,
    find: 'let finish = block > 0 ? ACCUMULATE : 0;\n      if (block === stepBlocks - 1) finish |= relu',
    replace: 'let finish = 0;\n      if (block === stepBlocks - 1) finish |= relu',
    tests: ['kernels/conv2d', 'kernels/mat-mul'],
  },
  {
    name: 'processor: a product leaves out its last row',
    file: `${ASSEMBLY}/product.ts`,
    find: 'const rows = min(MOST_ROWS, toRow - row);\n    for (let block = 0; block < stepBlocks; block += 1) {\n      const from = firstStepOf(block, stepBlocks, steps);\n      const to = firstStepOf(block + 1, stepBlocks, steps);\n      let finish',
    replace:
      'const rows = max(1, min(MOST_ROWS, toRow - row) - 1);\n    for (let block = 0; block < stepBlocks; block += 1) {\n      const from = firstStepOf(block, stepBlocks, steps);\n      const to = firstStepOf(block + 1, stepBlocks, steps);\n      let finish',
    tests: ['kernels/conv2d', 'kernels/mat-mul'],
  },
  {
    name: 'processor: cross-entropy is not averaged over the batch',
    file: `${ASSEMBLY}/cross-entropy.ts`,
    find: '(k === label ? <f32>1 : <f32>0)) * share',
    replace: '(k === label ? <f32>1 : <f32>0))',
    tests: ['kernels/softmax-cross-entropy'],
  },
  {
    name: 'processor: what a refused kernel has made stays in the memory',
    file: 'src/kernels/processor/processor-backend.ts',
    find: 'for (const { dataId } of this.made) this.disposeData(dataId, true);',
    replace: '',
    tests: ['kernels/processor/processor-backend'],
  },
  {
    name: 'processor: rows of a large product are split into any number of parts',
    file: 'src/kernels/processor/product-parts.ts',
    find: 'Math.min(most, wanted, MOST_ROW_PARTS)',
    replace: 'Math.min(most, wanted)',
    tests: ['kernels/processor/product-parts'],
  },
];
