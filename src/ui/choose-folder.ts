/**
 * @file Asks the person for a folder: a real directory handle where the browser has the picker, otherwise its files
 * through `<input webkitdirectory>`. Must be called from a click.
 */

import type { DroppedItems } from './dropped-items';

interface PickerWindow {
  showDirectoryPicker?(options: { mode: 'read' }): Promise<FileSystemDirectoryHandle>;
}

/** Null when the person changed their mind. */
export async function chooseFolder(): Promise<DroppedItems | null> {
  const { showDirectoryPicker }: Window & PickerWindow = window;
  if (!showDirectoryPicker) return chooseByInput();
  try {
    const handle = await showDirectoryPicker.call(window, { mode: 'read' });
    return { directories: [handle], files: [] };
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'AbortError') return null;
    // A page inside another page has the picker but may not show it.
    if (name === 'SecurityError') return chooseByInput();
    throw error;
  }
}

function chooseByInput(): Promise<DroppedItems | null> {
  const input = document.createElement('input');
  input.type = 'file';
  input.webkitdirectory = true;
  return new Promise((resolve) => {
    input.addEventListener('cancel', () => resolve(null), { once: true });
    input.addEventListener(
      'change',
      () => {
        const files = [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
        resolve(files.length > 0 ? { directories: [], files } : null);
      },
      { once: true },
    );
    input.click();
  });
}
