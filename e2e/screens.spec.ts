/** @file Every screen, empty and filled, wide and narrow, light and dark: screenshots to look at, and no layout that breaks. */

import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { dropOn } from './helpers/drop';
import { makeRadiograph, makeTwentyFour } from './helpers/folders';
import { expect, type ScreenName, type Studio, test } from './helpers/studio';

const SCREENS: ScreenName[] = ['Dataset', 'Train', 'Compare', 'Explain'];
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

test('empty screens', async ({ studio }) => {
  await look(studio, 'empty');
});

test('filled screens', async ({ studio }) => {
  await studio.dropFolder(makeTwentyFour());
  await studio.expectCounts({ COVID: [4, 2, 2] });
  await studio.trainToTheEnd({ networks: ['Baseline'], epochs: '3', batchSize: '4', inputSize: '32' }, 90_000);
  await studio.goTo('Explain');
  await dropOn(studio.page, 'Drop radiographs', [makeRadiograph()]);
  await expect(studio.page.getByRole('figure', { name: /^Heatmap Baseline/ })).toBeVisible({ timeout: 60_000 });
  await look(studio, 'filled');
});

async function look(studio: Studio, state: string): Promise<void> {
  const { page } = studio;
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const screen of SCREENS) {
        await studio.goTo(screen);
        await expect(page.getByRole('tabpanel', { name: screen })).toBeVisible();
        await settle(page);
        const where = `${screen} ${state}, ${size.width} px, ${colorScheme}`;
        const name = `${screen.toLowerCase()}-${state}-${size.width}-${colorScheme}.png`;
        await page.screenshot({ path: join(import.meta.dirname, '.results', 'screens', name), fullPage: true });
        expect(await overflow(page), `${where}: wider than the screen`).toEqual([]);
        expect(await overlaps(page), `${where}: controls on top of each other`).toEqual([]);
      }
    }
  }
}

/** Waits until nothing is being loaded any more: no spinner, and every thumbnail drawn. */
async function settle(page: Page): Promise<void> {
  await expect(page.locator('.mantine-Loader-root').filter({ visible: true })).toHaveCount(0);
  const thumbnails = page.getByRole('tabpanel', { name: 'Dataset' }).locator('button[aria-pressed]');
  await expect(thumbnails.filter({ hasNot: page.locator('canvas') })).toHaveCount(0);
}

/** What makes the page scroll sideways. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .map((element) => `<${element.tagName.toLowerCase()}> ${(element.textContent ?? '').trim().slice(0, 40)}`)
      .slice(0, 5);
  });
}

/** Pairs of buttons, tabs and fields of which one covers a part of the other. */
function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = [...document.querySelectorAll('button, [role=tab], input[type=text], [role=spinbutton], select')]
      .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 2 && box.height > 2);
    const found: string[] = [];
    controls.forEach((one, index) => {
      for (const other of controls.slice(index + 1)) {
        if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
        // A field's own steppers lie inside its frame.
        if (one.element.parentElement?.parentElement?.contains(other.element)) continue;
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 2 && down > 2) found.push(`${nameOf(one.element)} / ${nameOf(other.element)}`);
      }
    });
    return found;

    function nameOf(element: Element): string {
      return element.getAttribute('aria-label') ?? ((element.textContent || element.id) ?? '').trim().slice(0, 40);
    }
  });
}
