/** @file Hands a file to the person as a download; it is read from where it is, never held. */

const KEPT_MS = 60_000;

export function saveFile(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  // The browser takes hold of the file some time after the click.
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
