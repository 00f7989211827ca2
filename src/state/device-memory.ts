/** @file Which device the person chose, kept in this browser, and the page's switches with it. */

import type { DeviceKind } from '../domain/device';

const KEY = 'thorax-device';

/** Where the browser keeps nothing, the choice holds until the page is closed. */
export function rememberDevice(kind: DeviceKind): void {
  try {
    localStorage.setItem(KEY, kind);
  } catch {
    // Storage is switched off.
  }
}

/** The switches of the page's address, and the remembered device, as the studio worker reads them. */
export function workerSwitches(search: string): string {
  const switches = new URLSearchParams(search);
  const remembered = recallDevice();
  if (remembered) switches.set('remembered-device', remembered);
  return switches.toString();
}

function recallDevice(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
