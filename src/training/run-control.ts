/** @file Pause, resume and stop, as the person asks for them and the loop obeys them between two batches. */

export class RunControl {
  private stopRequested = false;
  private gate: { opened: Promise<void>; open: () => void } | null = null;

  get stopped(): boolean {
    return this.stopRequested;
  }

  get paused(): boolean {
    return this.gate !== null;
  }

  pause(): void {
    if (this.gate || this.stopRequested) return;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.gate = { opened, open };
  }

  resume(): void {
    this.gate?.open();
    this.gate = null;
  }

  /** Also opens the gate: a paused run can be stopped. */
  stop(): void {
    this.stopRequested = true;
    this.resume();
  }

  /** Resolves at once unless paused. */
  async untilResumed(): Promise<void> {
    await this.gate?.opened;
  }
}
