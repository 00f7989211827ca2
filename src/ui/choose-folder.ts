/**
 * @file Asks the person for a folder: a real directory handle where the browser has the picker, otherwise its files
 * through `<input webkitdirectory>`. Must be called from a click.
 */

import { directoryOpenLegacy } from 'browser-fs-access';
import type { DroppedItems } from './dropped-items';

/**
 * The library exports it without a type. Its `directoryOpen` goes by the presence of another picker,
 * `showOpenFilePicker`, and opens every file of the folder before it returns.
 */
declare module 'browser-fs-access' {
  export function directoryOpenLegacy(options: { recursive: boolean }): Promise<File[]>;
}

interface PickerWindow {
  showDirectoryPicker?(options: { mode: 'read' }): Promise<FileSystemDirectoryHandle>;
}

/** Null when the person cancels. */
export async function chooseFolder(): Promise<DroppedItems | null> {
  const { showDirectoryPicker }: Window & PickerWindow = window;
  if (!showDirectoryPicker) return chooseByInput();
  try {
    const handle = await showDirectoryPicker.call(window, { mode: 'read' });
    return { directories: [handle], files: [] };
  } catch (error) {
    if (isNamed(error, 'AbortError')) return null;
    // A page inside another page has the picker but may not show it.
    if (isNamed(error, 'SecurityError')) return chooseByInput();
    throw error;
  }
}

async function chooseByInput(): Promise<DroppedItems | null> {
  try {
    const files = await directoryOpenLegacy({ recursive: true });
    return { directories: [], files: files.map((file) => ({ path: file.webkitRelativePath || file.name, file })) };
  } catch (error) {
    if (isNamed(error, 'AbortError')) return null;
    throw error;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}
