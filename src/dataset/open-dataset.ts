/**
 * @file An open dataset: its summary, and the files behind it.
 */

import { PROGRESS_INTERVAL_MS, withThrottle } from '../base/throttle';
import type { DatasetImage, DatasetProblem, DatasetProgress, DatasetSummary } from '../domain/dataset';
import { StudioError } from '../domain/failure';
import type { DatasetSource, ImageQuery } from '../domain/protocol';
import { countByClass, judgeClassCounts } from './class-counts';
import { Fingerprint } from './fingerprint';
import { type FileEntry, listFolder, openEntry } from './folder/list-folder';
import { readFailure } from './folder/read-failure';
import { type CheckProgress, ImageCheck } from './image-check';
import { mapConcurrently } from './images/work-gate';
import { type FoundLayout, recogniseLayout } from './layouts/recognise-layout';
import { requireImage } from './require-image';
import { summariseFacts } from './summarise-facts';

/** Reading a file's size is a message to the browser's main process; this many may be under way at once. */
const OPENED_AT_ONCE = 32;

interface KnownFile extends FileEntry {
  sizeBytes: number;
  lastModified: number;
}

/** A listed and labelled dataset whose files can be read and checked. */
export class OpenDataset {
  /** Replaced when a check has run. */
  summary: DatasetSummary;
  /** The images that can be used, as far as is known. */
  private usable: readonly DatasetImage[] = [];

  private readonly images: ImageCheck;

  private constructor(
    private readonly labelled: readonly DatasetImage[],
    /** By the image's path inside the layout. */
    private readonly files: ReadonlyMap<string, KnownFile>,
    /** From reading layout and names; the counts of classes are judged anew after each check. */
    private readonly standing: readonly DatasetProblem[],
    facts: Pick<DatasetSummary, 'id' | 'name' | 'synthetic' | 'layout' | 'classNames'>,
  ) {
    this.summary = { ...facts, classCounts: [], problems: [] };
    const checked = labelled.map(({ path }) => ({ path, lastModified: this.lastModified(path) }));
    this.images = new ImageCheck(checked, (path) => this.readFile(path));
    this.conclude();
  }

  /**
   * Lists a folder, recognises its layout and labels every image. Nothing is decoded.
   * @throws {StudioError} `bad-input` when nothing can be made of the folder or no image is in it; the signal's reason.
   */
  static open(
    source: DatasetSource,
    synthetic: boolean,
    onProgress: (progress: DatasetProgress) => void,
    signal: AbortSignal,
  ): Promise<OpenDataset> {
    return withThrottle(PROGRESS_INTERVAL_MS, onProgress, (report) =>
      OpenDataset.list(source, synthetic, report, signal),
    );
  }

  private static async list(
    source: DatasetSource,
    synthetic: boolean,
    report: (makeProgress: () => DatasetProgress) => void,
    signal: AbortSignal,
  ): Promise<OpenDataset> {
    const listing = await listFolder(source, (done) => report(() => ({ phase: 'listing', done, total: null })), signal);
    const entries = new Map(listing.files.map((entry) => [entry.path, entry]));
    const found = await recogniseLayout({
      name: source.name,
      files: [...entries.keys()],
      emptyFolders: listing.emptyFolders,
      readBytes: (path) => readBytes(entries.get(path)!),
    });
    let done = 0;
    const total = found.files.length;
    const known = await mapConcurrently(found.files, OPENED_AT_ONCE, async ({ path }) => {
      signal.throwIfAborted();
      const entry = entries.get(found.root + path)!;
      const file = await openEntry(entry).catch(() => null);
      done += 1;
      report(() => ({ phase: 'listing', done, total }));
      return file === null ? null : { ...entry, sizeBytes: file.size, lastModified: file.lastModified };
    });
    const { dataset, unopened } = OpenDataset.assemble(source.name, synthetic, found, known);
    const look = (count: number) => report(() => ({ phase: 'listing', done: count, total }));
    await requireImage(source.name, dataset.labelled, (path) => dataset.readFile(path), unopened, signal, look);
    return dataset;
  }

  private static assemble(
    name: string,
    synthetic: boolean,
    found: FoundLayout,
    known: (KnownFile | null)[],
  ): { dataset: OpenDataset; unopened: DatasetProblem[] } {
    const { layout, classNames } = found;
    const indices = new Map(classNames.map((className, i) => [className, i]));
    const images: DatasetImage[] = [];
    const files = new Map<string, KnownFile>();
    const unopened: DatasetProblem[] = [];
    const fingerprint = new Fingerprint();
    fingerprint.add(classNames.join('\n'));
    for (const [i, { path, split, className }] of found.files.entries()) {
      const file = known[i];
      if (file === null) {
        unopened.push({ path, reason: 'cannot be opened; check that you may read it.', severity: 'excluded' });
        continue;
      }
      const image = { path, split, classIndex: indices.get(className)!, sizeBytes: file.sizeBytes };
      images.push(image);
      files.set(path, file);
      fingerprint.add(`\n${path}\t${split}\t${image.classIndex}\t${image.sizeBytes}`);
    }
    const facts = { id: fingerprint.digest(), name, synthetic, layout, classNames };
    return { dataset: new OpenDataset(images, files, [...found.problems, ...unopened], facts), unopened };
  }

  /** Number of all images, unusable ones included. */
  get imageCount(): number {
    return this.labelled.length;
  }

  /** The usable images that `query` asks for, in their order. */
  listImages({ split, perClass = Number.POSITIVE_INFINITY }: ImageQuery = {}): DatasetImage[] {
    const taken = this.summary.classNames.map(() => 0);
    return this.usable.filter((image) => {
      if (split !== undefined && image.split !== split) return false;
      taken[image.classIndex] += 1;
      return taken[image.classIndex] <= perClass;
    });
  }

  /**
   * The file behind an image of this dataset.
   * @throws {StudioError} `not-found` for a path of no image, `bad-input` when the file vanished or changed since.
   */
  async readFile(path: string): Promise<File> {
    const known = this.knownFile(path);
    let file: File;
    try {
      file = await openEntry(known);
    } catch (cause) {
      const sentence = `${path} is no longer in the folder or may not be read any more; drop the folder again.`;
      throw new StudioError('bad-input', sentence, { cause });
    }
    if (file.size !== known.sizeBytes || file.lastModified !== known.lastModified) {
      throw new StudioError('bad-input', `${path} was changed after the folder was opened; drop the folder again.`);
    }
    return file;
  }

  /**
   * The file's modification time at opening, milliseconds since 1970. It distinguishes the pixels of one file
   * from those of another of the same name and size.
   * @throws {StudioError} `not-found` for a path of no image.
   */
  lastModified(path: string): number {
    return this.knownFile(path).lastModified;
  }

  private knownFile(path: string): KnownFile {
    const known = this.files.get(path);
    if (known === undefined) throw new StudioError('not-found', `${path} is not an image of ${this.summary.name}.`);
    return known;
  }

  /**
   * Decodes every image that no check has decoded yet, and removes those that cannot be used from the summary.
   * @throws {StudioError} what {@link ImageCheck.run} throws; what was found until then stays found.
   */
  async check(onProgress: (progress: CheckProgress) => void, signal: AbortSignal): Promise<DatasetSummary> {
    await this.images.run(onProgress, signal);
    this.conclude();
    return this.summary;
  }

  /** Copies what the checks of an earlier opening of the same dataset found. */
  adopt(earlier: OpenDataset): void {
    this.images.adopt(earlier.images);
    this.conclude();
  }

  /** Makes the summary anew from what is known of the images. */
  private conclude(): void {
    const unusable = this.images.problems();
    const out = new Set(unusable.map(({ path }) => path));
    this.usable = this.labelled.filter(({ path }) => !out.has(path));
    const { name, classNames } = this.summary;
    const classCounts = countByClass(classNames.length, this.usable);
    const problems = [...judgeClassCounts(name, classNames, classCounts), ...this.standing, ...unusable];
    const ranges = this.images.complete ? summariseFacts(this.images.facts()) : undefined;
    this.summary = { ...this.summary, classCounts, ranges, problems };
  }
}

/** @throws {StudioError} `bad-input` naming the file that is gone or may not be read. */
async function readBytes(entry: FileEntry): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await (await openEntry(entry)).arrayBuffer());
  } catch (error) {
    throw readFailure(entry.path, error);
  }
}
