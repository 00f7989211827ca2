/**
 * @file Decodes a dataset's images once: a row of facts per image, or why it cannot be used. Pixels are not kept.
 */

import { PROGRESS_INTERVAL_MS, withThrottle } from '../base/throttle';
import type { DatasetProblem, DatasetProgress, ImageFacts } from '../domain/dataset';
import { StudioError } from '../domain/failure';
import { isReadFailure } from './folder/read-failure';
import { decodeImage } from './images/decode-image';
import { ImageFault } from './images/image-fault';
import { mapConcurrently } from './images/work-gate';

/** Read from disk at once; how many decode at once is decided in `decodeImage`. */
const CHECKED_AT_ONCE = 6;

type Outcome =
  | { kind: 'usable'; facts: ImageFacts }
  /** `lasting` when the content is at fault, so that a second check of the same file would find the same. */
  | { kind: 'unusable'; reason: string; lasting: boolean };

export interface CheckedFile {
  path: string;
  /** Milliseconds since 1970. */
  lastModified: number;
}

export type CheckProgress = DatasetProgress & { found: DatasetProblem[] };

/** The check of one dataset: what it has found so far. It can be interrupted and continued. */
export class ImageCheck {
  private readonly outcomes = new Map<string, Outcome>();

  constructor(
    private readonly files: readonly CheckedFile[],
    private readonly readFile: (path: string) => Promise<File>,
  ) {}

  /** True when every image has been checked. */
  get complete(): boolean {
    return this.outcomes.size === this.files.length;
  }

  /** Rows of the usable images that have been checked. */
  facts(): ImageFacts[] {
    const rows: ImageFacts[] = [];
    for (const outcome of this.outcomes.values()) if (outcome.kind === 'usable') rows.push(outcome.facts);
    return rows;
  }

  /** The images that cannot be used, by path. */
  problems(): DatasetProblem[] {
    const problems: DatasetProblem[] = [];
    for (const [path, outcome] of this.outcomes) {
      if (outcome.kind === 'unusable') problems.push({ path, reason: outcome.reason, severity: 'excluded' });
    }
    return problems.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Copies what an earlier check of the same dataset found in files that have not changed since. */
  adopt(earlier: ImageCheck): void {
    const times = new Map(earlier.files.map(({ path, lastModified }) => [path, lastModified]));
    for (const { path, lastModified } of this.files) {
      const outcome = earlier.outcomes.get(path);
      if (outcome === undefined || times.get(path) !== lastModified) continue;
      if (outcome.kind === 'usable' || outcome.lasting) this.outcomes.set(path, outcome);
    }
  }

  /**
   * Checks every image that has not been checked. What was found stays when the check ends early.
   * @throws {StudioError} `unexpected`, naming the image at which the check itself failed; the signal's reason.
   */
  async run(onProgress: (progress: CheckProgress) => void, signal: AbortSignal): Promise<void> {
    const total = this.files.length;
    const found: DatasetProblem[] = [];
    let reported = 0;
    const progress = (): CheckProgress => {
      const news = found.slice(reported);
      reported = found.length;
      return { phase: 'checking', done: this.outcomes.size, total, found: news };
    };
    const rest = this.files.filter(({ path }) => !this.outcomes.has(path));
    await withThrottle<CheckProgress, unknown>(PROGRESS_INTERVAL_MS, onProgress, (report) =>
      mapConcurrently(rest, CHECKED_AT_ONCE, async ({ path }) => {
        signal.throwIfAborted();
        const outcome = await this.look(path);
        this.outcomes.set(path, outcome);
        if (outcome.kind === 'unusable') found.push({ path, reason: outcome.reason, severity: 'excluded' });
        report(progress);
      }),
    );
    signal.throwIfAborted();
  }

  private async look(path: string): Promise<Outcome> {
    try {
      const file = await this.readFile(path);
      const facts = await decodeImage(file, (_raster, known) => known);
      return { kind: 'usable', facts: { ...facts, sizeBytes: file.size, lastModified: file.lastModified } };
    } catch (error) {
      if (error instanceof ImageFault) return { kind: 'unusable', reason: error.message, lasting: true };
      if (error instanceof StudioError) {
        return { kind: 'unusable', reason: error.message.slice(path.length + 1), lasting: false };
      }
      if (isReadFailure(error)) {
        const reason = 'cannot be read from disk; check that it is there and that you may read it.';
        return { kind: 'unusable', reason, lasting: false };
      }
      const detail = error instanceof Error ? error.message : String(error);
      throw new StudioError('unexpected', `The check failed at ${path}: ${detail}`, { cause: error });
    }
  }
}
