/**
 * @file Asks the person where a backup goes, or where it is. Must be called from a click.
 *
 * A browser that cannot write outside of its own storage gets a download instead.
 */

import type { BackupSource, BackupTarget } from '../domain/backup';
import { chooseFolder } from './choose-folder';
import type { DroppedItems } from './dropped-items';

interface PickerWindow {
  showSaveFilePicker?(options: {
    suggestedName: string;
    types: { description: string; accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
  showDirectoryPicker?(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

const ZIP = { description: 'Zip file', accept: { 'application/zip': ['.zip'] } };

/** Whether this browser can write a backup as a folder. */
export function canWriteFolders(): boolean {
  return 'showDirectoryPicker' in window;
}

/** The zip file to write; null when the person cancels. */
export async function chooseBackupFile(name: string): Promise<BackupTarget | null> {
  const { showSaveFilePicker }: Window & PickerWindow = window;
  if (!showSaveFilePicker) return { kind: 'download' };
  try {
    const handle = await showSaveFilePicker.call(window, { suggestedName: `${name}.zip`, types: [ZIP] });
    return { kind: 'file', handle };
  } catch (error) {
    if (isNamed(error, 'AbortError')) return null;
    // A page inside another page has the picker but may not show it.
    if (isNamed(error, 'SecurityError')) return { kind: 'download' };
    throw error;
  }
}

/** The folder to write into; null when the person cancels. */
export async function chooseBackupFolder(): Promise<BackupTarget | null> {
  const { showDirectoryPicker }: Window & PickerWindow = window;
  try {
    const handle = await showDirectoryPicker?.call(window, { mode: 'readwrite' });
    return handle ? { kind: 'folder', handle } : null;
  } catch (error) {
    if (isNamed(error, 'AbortError')) return null;
    throw error;
  }
}

/** The folder of a backup; null when the person cancels. */
export async function chooseBackedUpFolder(): Promise<BackupSource | null> {
  const chosen = await chooseFolder();
  return chosen && sourceOf(chosen);
}

function sourceOf({ directories: [handle], files }: DroppedItems): BackupSource {
  if (handle) return { kind: 'folder', name: handle.name, handle };
  return { kind: 'files', name: files[0]?.path.split('/')[0] ?? 'The folder', files };
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}
