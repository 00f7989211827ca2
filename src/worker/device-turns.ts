/**
 * @file The device and whose turn it is: runs, tests of imported models and explanations go one after another, so that two
 * networks never fill its memory together. Another device is chosen between two turns.
 */

import type { DeviceKind, DeviceStatus } from '../domain/device';
import type { Device } from './device';

export class DeviceTurns {
  /** The one that computes now; rejects where none could be started. */
  device: Promise<Device>;
  private tail: Promise<unknown> = Promise.resolve();

  /** @param start the one that is asked for; without a word, the one that suits. */
  constructor(private readonly start: (kind?: DeviceKind) => Promise<Device>) {
    this.device = start();
  }

  /**
   * Computes on another device from now on.
   * @param freeOld frees what is loaded on the old one, before that is stopped.
   * @throws {StudioError} no-gpu, when it cannot be started; the old one stays.
   */
  change(kind: DeviceKind, freeOld: () => Promise<void>): Promise<DeviceStatus> {
    return this.afterOthers(async () => {
      const old = await this.device.catch(() => null);
      if (old?.status.backend === kind) return old.status;
      const started = await this.start(kind);
      this.device = Promise.resolve(started);
      await freeOld();
      old?.stop();
      return started.status;
    });
  }

  /** Runs work on the device after all such work before it. */
  onDevice<T>(work: (device: Device) => Promise<T>): Promise<T> {
    return this.afterOthers(async () => {
      const device = await this.device;
      // An earlier error of the device belongs to earlier work.
      device.forget();
      try {
        return await work(device);
      } catch (error) {
        // An error of the device comes before the errors that it caused.
        await device.settle();
        device.check();
        throw error;
      } finally {
        await device.rest();
      }
    });
  }

  afterOthers<T>(work: () => Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined);
    return result;
  }
}
