/** @file The browser is killed while it trains, on both devices; `npm run torture` does it fifty times on each. */

import { test } from '@playwright/test';
import { makeSplitFolders } from './helpers/folders';
import { expect } from './helpers/studio';
import { torture } from './helpers/torture';

const KILLS = Number(process.env.THORAX_KILLS ?? 3);
const DEVICES = (process.env.THORAX_KILL_DEVICES ?? 'processor,webgpu').split(',') as ('processor' | 'webgpu')[];

for (const device of DEVICES) {
  test(`${KILLS} kills during training on ${device}: each run ends as one that nothing cut off`, {
    tag: '@long',
  }, async ({ baseURL }) => {
    test.setTimeout(10 * 60_000 + KILLS * 60_000);
    const folder = makeSplitFolders('tortured', ['ill', 'well'], { train: 15, validation: 3, test: 3 });
    const settings = { networks: ['Baseline' as const], epochs: '40', batchSize: '8', inputSize: '32', seed: '9' };
    const counts = await torture({ address: baseURL ?? '', device, kills: KILLS, folder, settings, longestMs: 3000 });
    console.log(`${device}: ${JSON.stringify(counts)}`);
    expect(counts).toMatchObject({ kills: KILLS, different: 0, stepsBack: 0, damaged: 0 });
    expect(counts.runs).toBeGreaterThan(0);
  });
}
