import * as Comlink from 'comlink';
import { describe, expect, it, vi } from 'vitest';
import type { Reply } from '../domain/failure';
import type { MortalWorker } from '../domain/protocol';
import { SupervisedWorker } from './supervised-worker';

interface EchoApi extends MortalWorker {
  echo(word: string): Promise<Reply<string>>;
}

/** A worker on a message channel, and the lock it holds. */
class FakeWorker extends EventTarget {
  readonly channel = new MessageChannel();
  lockName: string | null = null;
  isTerminated = false;

  constructor(canStart: boolean) {
    super();
    this.channel.port1.start();
    this.channel.port1.addEventListener('message', ({ data }) => {
      this.dispatchEvent(Object.assign(new Event('message'), { data }));
    });
    if (!canStart) return;
    const api: EchoApi = {
      holdLifeLock: async (lockName) => {
        this.lockName = lockName;
        return { ok: true, value: null };
      },
      echo: (word) => (word === 'never' ? new Promise(() => undefined) : Promise.resolve({ ok: true, value: word })),
    };
    Comlink.expose(api, this.channel.port2);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.channel.port1.postMessage(message, transfer);
  }

  terminate(): void {
    this.isTerminated = true;
    this.channel.port1.close();
    this.channel.port2.close();
  }
}

function supervise(canStart = true) {
  const workers: FakeWorker[] = [];
  const waiting = new Map<string, () => void>();
  const troubles: string[] = [];
  const onStarted = vi.fn();
  const onRestarted = vi.fn();
  const onGivenUp = vi.fn();
  const clock = { ms: 0 };
  const supervised = new SupervisedWorker<EchoApi>({
    subject: 'The part of Thorax that echoes',
    advice: 'Say it again.',
    start: () => {
      const worker = new FakeWorker(canStart);
      workers.push(worker);
      return worker as unknown as Worker;
    },
    onStarted,
    onRestarted,
    onGivenUp,
    onTrouble: (sentence) => troubles.push(sentence),
    locks: {
      request: ((name: string, work: () => unknown) =>
        new Promise<unknown>((resolve) => waiting.set(name, () => resolve(work())))) as LockManager['request'],
    },
    nowMs: () => clock.ms,
  });
  /** Ends the newest worker: the browser releases its lock. */
  const kill = async () => {
    const newest = workers.at(-1);
    const isHeld = () => newest?.lockName && waiting.has(newest.lockName);
    await vi.waitUntil(isHeld);
    waiting.get(newest?.lockName ?? '')?.();
    await vi.waitUntil(() => newest?.isTerminated);
  };
  return { supervised, workers, troubles, onStarted, onRestarted, onGivenUp, clock, kill };
}

describe('a supervised worker', () => {
  it('replies', async () => {
    const { supervised } = supervise();
    expect(await supervised.call((remote) => remote.echo('word'))).toEqual({ ok: true, value: 'word' });
  });

  it('that dies ends its calls with a sentence, is started again and replies', async () => {
    const { supervised, workers, troubles, onStarted, onRestarted, kill } = supervise();
    const unanswered = supervised.call((remote) => remote.echo('never'));
    await kill();
    const sentence = 'The part of Thorax that echoes stopped working and was started again. Say it again.';
    expect(await unanswered).toEqual({ ok: false, failure: { code: 'unexpected', sentence, cause: null } });
    expect(troubles).toEqual([sentence]);
    expect(workers).toHaveLength(2);
    expect(onStarted).toHaveBeenCalledTimes(2);
    expect(onRestarted).toHaveBeenCalledTimes(1);
    expect(await supervised.call((remote) => remote.echo('word'))).toEqual({ ok: true, value: 'word' });
  });

  it('that keeps dying is given up, and every later call says so', async () => {
    const { supervised, workers, troubles, onGivenUp, clock, kill } = supervise();
    for (let death = 0; death < 4; death += 1) await kill();
    expect(workers).toHaveLength(4);
    expect(troubles.at(-1)).toMatch(/keeps stopping/);
    expect(onGivenUp).toHaveBeenCalledTimes(1);
    expect(await supervised.call((remote) => remote.echo('word'))).toMatchObject({ ok: false });

    const patient = supervise();
    for (let death = 0; death < 6; death += 1) {
      await patient.kill();
      patient.clock.ms += 60_000;
    }
    expect(patient.workers).toHaveLength(7);
    expect(clock.ms).toBe(0);
  });

  it('that meets an error and lives on is not replaced', async () => {
    const { supervised, workers, troubles } = supervise();
    await supervised.call((remote) => remote.echo('word'));
    await vi.waitUntil(() => workers[0].lockName);
    await Promise.resolve();
    workers[0].dispatchEvent(Object.assign(new Event('error'), { message: 'oops' }));
    expect(troubles).toEqual([
      'The part of Thorax that echoes met an error (oops) and goes on. If something looks wrong, reload the page.',
    ]);
    expect(await supervised.call((remote) => remote.echo('again'))).toEqual({ ok: true, value: 'again' });
    expect(workers).toHaveLength(1);
  });

  it('that cannot be loaded ends its calls with a sentence', async () => {
    const { supervised, workers, troubles } = supervise(false);
    const unanswered = supervised.call((remote) => remote.echo('word'));
    workers[0].dispatchEvent(Object.assign(new Event('error'), { message: 'no such file' }));
    const sentence =
      'The part of Thorax that echoes could not be started (no such file). Reload the page; stored runs are kept.';
    expect(await unanswered).toMatchObject({ ok: false, failure: { sentence } });
    expect(troubles).toEqual([sentence]);
  });
});
