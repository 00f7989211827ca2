/** @file How much the browser lets this site store, and whether it may remove it by itself. */

export interface DiskUse {
  usedBytes: number;
  quotaBytes: number;
}

export interface BrowserStorage {
  /** Null where the browser does not say. */
  estimate(): Promise<DiskUse | null>;
  /** Whether the browser keeps what is stored even when the disk runs short. */
  isPersistent(): Promise<boolean>;
  /** Asks for that; some browsers ask the person. @returns the answer */
  requestPersistence(): Promise<boolean>;
}

/** The storage of this page's site. A browser without one of the answers gives the careful one. */
export const browserStorage: BrowserStorage = {
  async estimate() {
    const { usage, quota } = await navigator.storage.estimate().catch(() => ({ usage: undefined, quota: undefined }));
    return usage === undefined || quota === undefined ? null : { usedBytes: usage, quotaBytes: quota };
  },
  isPersistent: () => navigator.storage.persisted().catch(() => false),
  requestPersistence: () => navigator.storage.persist().catch(() => false),
};
