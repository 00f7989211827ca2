/** @file Reads and makes what lies in the origin-private file system, past the studio's own code. */

import type { Page } from '@playwright/test';

/** Makes files of these sizes; the folders of their paths too. */
export async function makeFiles(page: Page, sizesBytes: Record<string, number>): Promise<void> {
  await page.evaluate(async (sizes) => {
    for (const [path, sizeBytes] of Object.entries(sizes)) {
      const folders = path.split('/');
      const name = folders.pop() ?? '';
      let folder = await navigator.storage.getDirectory();
      for (const part of folders) folder = await folder.getDirectoryHandle(part, { create: true });
      const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
      await writable.write(new Uint8Array(sizeBytes));
      await writable.close();
    }
  }, sizesBytes);
}

/** The paths of all files below a folder of the top; empty when there is no such folder. */
export function listFiles(page: Page, top: string): Promise<string[]> {
  return page.evaluate(async (name) => {
    const paths: string[] = [];
    async function walk(folder: FileSystemDirectoryHandle, path: string): Promise<void> {
      for await (const [inner, handle] of folder.entries()) {
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle, `${path}/${inner}`);
        else paths.push(`${path}/${inner}`);
      }
    }
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(name).catch(() => null);
    if (folder) await walk(folder, name);
    return paths.sort();
  }, top);
}
