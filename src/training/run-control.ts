/** @file Pause, resume and stop, as the person asks for them and the loop obeys them between two batches. */

export class RunControl {
  /** How often Stop was asked for: the first ends the training, one more the test after it. */
  stops = 0;
  private gate: { opened: Promise<void>; open: () => void } | null = null;

  get stopped(): boolean {
    return this.stops > 0;
  }

  get paused(): boolean {
    return this.gate !== null;
  }

  pause(): void {
    if (this.gate) return;
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
    this.stops += 1;
    this.resume();
  }

  /** Resolves at once unless paused. */
  async untilResumed(): Promise<void> {
    await this.gate?.opened;
  }
}
