/** @file The checks of the code, and the build, as steps of `npm test`. */

/** @type {import('./steps.mjs').Step[]} */
export const CHECKS = [
  {
    name: 'types',
    program: 'node_modules/typescript/bin/tsc',
    args: ['--noEmit', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/thorax/types.tsbuildinfo'],
  },
  { name: 'lint and format', program: 'node_modules/@biomejs/biome/bin/biome', args: ['check', '.'] },
  { name: 'boundaries between modules', program: '.ci/check-boundaries.mjs', args: [] },
];

/** @type {import('./steps.mjs').Step} */
export const BUILD = {
  name: 'production build',
  program: 'node_modules/vite/bin/vite.js',
  args: ['build', '--logLevel', 'warn'],
};
