/** @file Planted changes in the processor's kernels. */

const ASSEMBLY = 'src/kernels/processor/assembly';

/** @type {import('./list.mjs').Mutant[]} */
export const KERNEL_MUTANTS = [
  {
    name: 'a pass over elements leaves out those behind the last vector',
    file: `${ASSEMBLY}/elements.ts`,
    find: 'for (; left > 0; left -= 1) {\n    store<f32>(into, load<f32>(into) + load<f32>(from));',
    replace: 'for (; left > 1; left -= 1) {\n    store<f32>(into, load<f32>(into) + load<f32>(from));',
    tests: ['kernels/processor/processor-backend'],
  },
];
