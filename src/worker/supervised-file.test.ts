import * as Comlink from 'comlink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Reply, reply, StudioError } from '../domain/failure';
import type { FileWorkerApi } from './file-handler';
import { foreignFiles } from './supervised-file';

const FILE = new File(['x'], 'mine.keras');
const never = () => new Promise<never>(() => undefined);
const done = <T>(value: T) => Promise.resolve<Reply<T>>({ ok: true, value });

const workers: FakeWorker[] = [];

/** A file worker in this thread; `alive` is whether it sends signs of life. */
class FakeWorker extends EventTarget {
  readonly terminate = vi.fn(() => this.stop());
  private readonly timer: ReturnType<typeof setInterval> | undefined;
  private readonly far: MessagePort;
  private readonly near: MessagePort;

  constructor(api: Partial<FileWorkerApi>, alive: () => boolean) {
    super();
    workers.push(this);
    const { port1, port2 } = new MessageChannel();
    this.near = port1;
    this.far = port2;
    port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent('message', { data }));
    Comlink.expose({ open: () => done(null), ...api }, port2);
    const say = () => alive() && this.dispatchEvent(new MessageEvent('message', { data: 'alive' }));
    this.timer = setInterval(say, 5);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.near.postMessage(message, transfer as never);
  }

  fail(message: string): boolean {
    return this.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { message }));
  }

  private stop(): void {
    clearInterval(this.timer);
    this.near.close();
    this.far.close();
  }
}

function files(api: Partial<FileWorkerApi>, alive = () => true, maxSilenceMs = 200) {
  return foreignFiles(async () => new FakeWorker(api, alive) as unknown as Worker, maxSilenceMs);
}

afterEach(() => {
  for (const worker of workers.splice(0)) worker.terminate();
});

describe('a file read in a worker of its own', () => {
  it('is read piece by piece as it is asked for, and its worker is ended', async () => {
    const nextPiece = vi.fn<FileWorkerApi['nextPiece']>();
    nextPiece.mockImplementationOnce(() => done(Float32Array.of(1, 2)));
    nextPiece.mockImplementationOnce(() => done(Float32Array.of(3)));
    nextPiece.mockImplementationOnce(() => done(null));
    const use = files({ chooseWeights: () => done(null), nextPiece });
    const read = await use(FILE, async (opened) => {
      const numbers: number[] = [];
      for await (const piece of opened.readWeights({ kind: 'base', network: 'vgg16' })) {
        numbers.push(...piece);
        // Nothing is read ahead.
        expect(nextPiece).toHaveBeenCalledTimes(numbers.length === 2 ? 1 : 2);
      }
      return numbers;
    });
    expect(read).toEqual([1, 2, 3]);
    expect(workers[0].terminate).toHaveBeenCalled();
  });

  it.each(['open', 'readModel'] as const)('is given up when its worker is stuck in %s', async (stuck) => {
    let alive = true;
    const api = {
      [stuck]: () => {
        setTimeout(() => {
          alive = false;
        }, 30);
        return never();
      },
    };
    const outcome = await reply(() => files(api, () => alive)(FILE, (opened) => opened.readModel()));
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'bad-weights' } });
    expect(!outcome.ok && outcome.failure.sentence).toMatch(/^mine\.keras is damaged, .* 0\.2 seconds/);
    expect(workers[0].terminate).toHaveBeenCalled();
  });

  it('is waited for as long as its worker works', async () => {
    const slow = () =>
      new Promise<Reply<'vgg16'>>((resolve) => setTimeout(() => resolve({ ok: true, value: 'vgg16' }), 700));
    const use = files({ identifyBase: slow });
    expect(await use(FILE, (opened) => opened.identifyBase())).toBe('vgg16');
  });

  it('ends with a sentence when its worker dies, and the page gets no error event', async () => {
    const use = files({ readModel: never });
    const reading = reply(() => use(FILE, (opened) => opened.readModel()));
    await vi.waitFor(() => expect(workers).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(workers[0].fail('Out of memory')).toBe(false);
    expect(await reading).toMatchObject({ failure: { code: 'bad-weights' } });
  });

  it('is not called damaged when its worker could not be started', async () => {
    const use = foreignFiles(() => Promise.reject(new TypeError('Failed to fetch')));
    const outcome = await reply(() => use(FILE, never));
    expect(outcome).toMatchObject({ failure: { code: 'unexpected' } });
    const silent = await reply(() => files({ open: never }, () => false, 50)(FILE, never));
    expect(silent).toMatchObject({ failure: { code: 'unexpected' } });
    expect(!silent.ok && silent.failure.sentence).toContain('mine.keras was not read');
  });

  it('frees its worker when the work fails', async () => {
    const failing = files({})(FILE, () => Promise.reject(new StudioError('storage', 'The disk is full.')));
    await expect(failing).rejects.toThrow('The disk is full.');
    expect(workers[0].terminate).toHaveBeenCalled();
  });
});
