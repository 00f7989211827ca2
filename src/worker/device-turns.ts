/**
 * @file The device and whose turn it is: runs, tests of imported models and explanations go one after another, so that two
 * networks never fill its memory together. Another device is chosen between two turns. One that was lost is started anew at
 * its next use.
 */

import type { DeviceKind, DeviceStatus } from '../domain/device';
import { StudioError, toFailure } from '../domain/failure';
import type { Device } from './device';

/** Right after its loss a GPU may not be there yet: so long between one try and the next. */
const RETRY_AFTER_MS = [250, 500, 1000, 2000, 4000];

export class DeviceTurns {
  /** The one that computes now, perhaps lost; rejects where none could be started. */
  device: Promise<Device>;
  private tail: Promise<unknown> = Promise.resolve();

  /**
   * @param start the one that is asked for; without a word, the one that suits.
   * @param freeOld frees what is loaded on a device before another one takes its place.
   */
  constructor(
    private readonly start: (kind?: DeviceKind) => Promise<Device>,
    private readonly freeOld: () => Promise<void>,
  ) {
    this.device = start();
  }

  /**
   * Computes on another device from now on.
   * @throws {StudioError} no-gpu, when it cannot be started; the old one stays.
   */
  change(kind: DeviceKind): Promise<DeviceStatus> {
    return this.afterOthers(async () => {
      const old = await this.device.catch(() => null);
      if (old?.status.backend === kind) return (await this.revive()).status;
      return (await this.replace(old, await this.start(kind))).status;
    });
  }

  /** The device, ready to compute: after the turn that is going where it was lost. */
  async usable(): Promise<Device> {
    const device = await this.device;
    return device.isLost() ? this.afterOthers(() => this.revive()) : device;
  }

  /**
   * The device, started anew where it was lost; to be called in a turn.
   * @throws {StudioError} no-gpu, when it cannot be started; the next use tries again.
   */
  async revive(): Promise<Device> {
    const lost = await this.device;
    return lost.isLost() ? this.replace(lost, await this.startAgain(lost.status.backend)) : lost;
  }

  /** Runs work on the device after all such work before it. */
  onDevice<T>(work: (device: Device) => Promise<T>): Promise<T> {
    return this.afterOthers(async () => {
      const device = await this.revive();
      // An earlier error of the device belongs to earlier work.
      device.forget();
      try {
        return await work(device);
      } catch (error) {
        // An error of the device comes before the errors that it caused.
        await device.settle(error);
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

  private async replace(old: Device | null, started: Device): Promise<Device> {
    this.device = Promise.resolve(started);
    await this.freeOld();
    old?.stop();
    return started;
  }

  /** Another kind of device would compute other numbers: it is never taken by itself. */
  private async startAgain(kind: DeviceKind): Promise<Device> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.start(kind);
      } catch (cause) {
        if (tries < RETRY_AFTER_MS.length) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS[tries]));
          continue;
        }
        const { sentence } = toFailure(cause);
        const advice = 'Reload the page, or choose the other device in the menu "Compute on".';
        throw new StudioError('no-gpu', `The device was lost and could not be started anew. ${sentence} ${advice}`, {
          cause,
        });
      }
    }
  }
}
