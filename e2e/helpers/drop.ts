/**
 * @file Drops true files and folders on a region of the page.
 *
 * Playwright's own drag events carry no file system handles; the DevTools call `Input.dispatchDragEvent` goes through the
 * browser's drop path, so the page receives what a person's drop gives it, directory handles included.
 */

import { expect, type Page } from '@playwright/test';

/** Drops `paths` (absolute, files or folders) on the middle of the region of this accessible name. */
export async function dropOn(page: Page, regionName: string, paths: string[]): Promise<void> {
  const region = page.getByRole('region', { name: regionName });
  await region.scrollIntoViewIfNeeded();
  const box = await region.boundingBox();
  expect(box, `region "${regionName}" has a place on the screen`).not.toBeNull();
  if (!box) return;
  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...point, data });
  }
  await session.detach();
}
