/**
 * @file A worker that may die: its open calls then fail with a sentence, and a new one is started in its place.
 *
 * No event reports that a worker has died (`error` also comes from one that lives on), and its calls would never resolve. But
 * the browser releases a worker's locks when it ends, by whatever cause. So each worker holds one lock while it lives, and the
 * page waits for that lock (https://w3c.github.io/web-locks/#termination-of-locks).
 */

import * as Comlink from 'comlink';
import { type Failure, type Reply, toFailure } from '../domain/failure';
import type { MortalWorker } from '../domain/protocol';

export interface SupervisionOptions<Api> {
  /** For sentences, for example "The part of Thorax that reads images". */
  subject: string;
  /** What to do after it was started again, for example what has to be opened again. */
  advice: string;
  start(): Worker;
  /** Called with each worker, the first included, before any other call. */
  onStarted(remote: Comlink.Remote<Api>): void;
  /** Called with a sentence for the person: it died, could not be loaded, or met an error that it survived. */
  onTrouble(sentence: string): void;
  /** After a new one was started in place of one that died. */
  onRestarted?(): void;
  /** After one that died too often: none takes its place. */
  onGivenUp?(): void;
  locks?: Pick<LockManager, 'request'>;
  nowMs?(): number;
}

/** A worker that dies more often than this within {@link RESTARTS_WITHIN_MS} is not started again. */
const MAX_RESTARTS = 3;
const RESTARTS_WITHIN_MS = 60_000;

interface Life<Api> {
  worker: Worker;
  remote: Comlink.Remote<Api>;
  /** Each ends a call that has no reply yet. */
  waiting: Set<(failure: Failure) => void>;
  /** Why it ended; null while it lives. */
  end: Failure | null;
}

/** Calls a worker, and starts a new one in place of one that died. */
export class SupervisedWorker<Api extends MortalWorker> {
  private life: Life<Api>;
  private readonly deathsMs: number[] = [];

  constructor(private readonly options: SupervisionOptions<Api>) {
    this.life = this.begin();
  }

  /** Calls the worker; where it dies before it replies, the reply is a failure that says so. Never rejects. */
  call<T>(ask: (remote: Comlink.Remote<Api>) => Promise<Reply<T>>): Promise<Reply<T>> {
    const { remote, waiting, end } = this.life;
    return new Promise((resolve) => {
      const fail = (failure: Failure) => resolve({ ok: false, failure });
      if (end) {
        fail(end);
        return;
      }
      waiting.add(fail);
      ask(remote)
        .then(resolve, (error) => fail(toFailure(error)))
        .finally(() => waiting.delete(fail));
    });
  }

  private begin(): Life<Api> {
    const { subject, start, onStarted, onTrouble, locks = navigator.locks } = this.options;
    const worker = start();
    const remote = Comlink.wrap<Api>(worker);
    const life: Life<Api> = { worker, remote, waiting: new Set(), end: null };
    const finish = (failure: Failure) => {
      life.end = failure;
      for (const fail of life.waiting) fail(failure);
      life.waiting.clear();
    };
    let holdsLock = false;
    worker.addEventListener('error', ({ message }) => {
      const detail = message ? ` (${message})` : '';
      if (holdsLock) {
        onTrouble(`${subject} met an error${detail} and goes on. If something looks wrong, reload the page.`);
        return;
      }
      const sentence = `${subject} could not be started${detail}. Reload the page; stored runs are kept.`;
      onTrouble(sentence);
      finish({ code: 'unexpected', sentence, cause: message || null });
    });
    const lockName = `thorax-worker-${crypto.randomUUID()}`;
    // Comlink's types do not see through the type parameter; the method is the one of MortalWorker.
    const holding = (remote as unknown as MortalWorker).holdLifeLock(lockName);
    void holding.then(async (held) => {
      if (!held.ok) return;
      holdsLock = true;
      await locks.request(lockName, () => undefined);
      finish(this.bury(life));
    });
    onStarted(remote);
    return life;
  }

  /** @returns the failure for the calls that still wait for a reply. */
  private bury({ worker }: Life<Api>): Failure {
    const { subject, advice, onTrouble, onRestarted, onGivenUp, nowMs = () => performance.now() } = this.options;
    worker.terminate();
    this.deathsMs.push(nowMs());
    const recent = this.deathsMs.filter((ms) => nowMs() - ms < RESTARTS_WITHIN_MS).length;
    const restarts = recent <= MAX_RESTARTS;
    const sentence = restarts
      ? `${subject} stopped working and was started again. ${advice}`
      : `${subject} keeps stopping. Close other pages and programs that need memory, then reload this page; stored runs are kept.`;
    onTrouble(sentence);
    if (restarts) {
      this.life = this.begin();
      onRestarted?.();
    } else onGivenUp?.();
    return { code: 'unexpected', sentence, cause: null };
  }
}
