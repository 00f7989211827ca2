/** @file Pause, resume and stop at the person's request. The loop obeys them between two batches, compiling at once. */

/** The person's requests to one run. */
export class RunControl {
  /** How often Stop was requested: the first ends the training, the second the test after it. */
  stops = 0;
  /** Called after each change of {@link paused}, for what must not wait until a batch ends. */
  onPauseChanged: () => void = () => undefined;
  private readonly stopping = new AbortController();
  private gate: { opened: Promise<void>; open: () => void } | null = null;

  get stopped(): boolean {
    return this.stops > 0;
  }

  /** Aborted at the first Stop. */
  get stopSignal(): AbortSignal {
    return this.stopping.signal;
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
    this.onPauseChanged();
  }

  resume(): void {
    if (!this.gate) return;
    this.gate.open();
    this.gate = null;
    this.onPauseChanged();
  }

  /** Also opens the gate: a paused run can be stopped. */
  stop(): void {
    this.stops += 1;
    this.stopping.abort();
    this.resume();
  }

  /** Resolves at once unless paused. */
  async untilResumed(): Promise<void> {
    await this.gate?.opened;
  }
}
