/**
 * @file Drops true files and folders on a region of the page.
 *
 * Playwright's own drag events carry no file system handles; the DevTools call `Input.dispatchDragEvent` goes through the
 * browser's drop path, so the page receives what a person's drop gives it, directory handles included.
 */

import { expect, type Locator, type Page } from '@playwright/test';

/** Drops `paths` (absolute, files or folders) on the middle of the region of this accessible name. */
export async function dropOn(page: Page, regionName: string, paths: string[]): Promise<void> {
  const point = await middleOf(page.getByRole('region', { name: regionName }));
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...point, data });
  }
  await session.detach();
}

/** Waits until the region no longer moves: the last action may still change the layout above it. */
async function middleOf(region: Locator): Promise<{ x: number; y: number }> {
  let [before, box] = [await placeOf(region), await placeOf(region)];
  await expect
    .poll(async () => {
      [before, box] = [box, await placeOf(region)];
      return box.y === before.y && box.height === before.height;
    })
    .toBe(true);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function placeOf(region: Locator) {
  await region.scrollIntoViewIfNeeded();
  const box = await region.boundingBox();
  if (!box) throw new Error('The region has no place on the screen.');
  return box;
}
