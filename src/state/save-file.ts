/** @file Saves a file as a download; the browser reads it from where it is stored, so it is never held in memory. */

const KEPT_MS = 60_000;

/** Starts the download of a file. */
export function saveFile(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  // The browser opens the file some time after the click.
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
