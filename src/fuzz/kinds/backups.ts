/** @file Backups of the whole project as zip files: the file itself damaged, or sound around damaged entries. */

import * as fc from 'fast-check';
import { openBackup } from '../../backup/backup-archive';
import { backupEntries } from '../../backup/backup-entries';
import { MemoryProject, manifestOf, type PackedEntry, predictionRows } from '../../backup/backup-test-kit';
import { zipPieces } from '../../backup/backup-zip';
import { restoreBackup } from '../../backup/restore-backup';
import type { RestoreReport } from '../../domain/backup';
import { StudioError } from '../../domain/failure';
import { testQueueItem } from '../../domain/queue-test-kit';
import { DIVERGED_EPOCH, testRecord } from '../../domain/run-test-kit';
import { parseRunRecord } from '../../domain/stored-run';
import { zipMembers } from '../../exchange/zip-writer';
import { hostileBytes } from '../hostile-bytes';
import { hostileJson } from '../hostile-json';
import { hostileWord } from '../hostile-text';
import { judge } from '../judge';
import type { FuzzKind } from '../kind';
import { zipFields } from '../zip-fields';

const NAME = 'backup.zip';
const NEVER = new AbortController().signal;
/** The project holds a few hundred bytes; what is restored of it cannot be more than the zip file. */
const MOST_FILES = 20;

type MakeBytes = () => Promise<Uint8Array<ArrayBuffer>>;

export const backups: FuzzKind<MakeBytes> = {
  name: 'backups',
  quickCount: 50,
  files: async () => {
    const sound = await backUp();
    const entries = await entriesOf(sound);
    return fc.oneof(
      hostileBytes({ sources: [sound], fieldsOf: zipFields }).map(
        (bytes): MakeBytes =>
          async () =>
            bytes,
      ),
      hostileEntries(entries).map(
        (changed): MakeBytes =>
          () =>
            packed(changed),
      ),
    );
  },
  read: async (make) => {
    const bytes = await make();
    return judge(() => restore(new File([bytes], NAME)), [NAME]);
  },
  partsOf: async (make) => ({ [NAME]: await make() }),
};

/** Into an empty project, which holds whole runs afterwards and nothing else. */
async function restore(file: File): Promise<void> {
  const into = new MemoryProject();
  const archive = await openBackup({ kind: 'file', file });
  const report = await restoreBackup(archive, into.target, NEVER, () => undefined);
  for (const [id, { record }] of into.runs) {
    if (parseRunRecord(record).id !== id) throw new Error(`A run stored as ${id} with another id in it`);
  }
  for (const [id, files] of into.files) {
    if (!into.runs.has(id)) throw new Error(`Files of ${id}, which was not restored`);
    if (files.size > MOST_FILES) throw new Error(`${files.size} files of ${id}`);
  }
  const [sentence] = sentencesOf(report);
  if (sentence) throw new StudioError('bad-input', sentence);
}

/** Why something was not restored. */
function sentencesOf({ runs, queue, pretrained }: RestoreReport): string[] {
  const sentences = [...runs, queue, ...pretrained].map((part) => part.sentence).filter((text) => text !== null);
  const defect = sentences.find((text) => text.includes('inside Thorax'));
  if (defect) throw new Error(defect);
  return sentences;
}

async function backUp(): Promise<Uint8Array<ArrayBuffer>> {
  const project = new MemoryProject();
  project.addRun(
    { record: testRecord({ id: 'good', createdAt: 1 }), predictions: predictionRows('good') },
    { 'manifest.json': '{}', 'weights-1.bin': 'weights', 'slots-1.bin': 'slots' },
  );
  project.addRun({ record: testRecord({ id: 'diverged', epochs: [DIVERGED_EPOCH], createdAt: 2 }), predictions: [] });
  project.queue.push(testQueueItem('waiting'));
  project.pretrained.set('vgg16.h5', new TextEncoder().encode('pretrained'));
  const pieces: BlobPart[] = [];
  const tally = { runs: 0, doneBytes: 0, leftOut: [] };
  for await (const piece of zipPieces(backupEntries(project.source, tally, 0), 0)) pieces.push(new Uint8Array(piece));
  return bytesOf(new Blob(pieces));
}

async function entriesOf(backup: Uint8Array<ArrayBuffer>): Promise<PackedEntry[]> {
  const archive = await openBackup({ kind: 'file', file: new File([backup], NAME) });
  const { entries } = archive.manifest;
  return Promise.all(
    entries.map(async (entry) => ({ path: entry.path, text: await (await archive.open(entry)).text() })),
  );
}

/** By our own writer, which takes any name. */
async function packed(entries: readonly PackedEntry[]): Promise<Uint8Array<ArrayBuffer>> {
  const members = entries.map(({ path, text }) => {
    const bytes = new TextEncoder().encode(text);
    return { name: path, sizeBytes: bytes.length, read: async () => bytes };
  });
  const pieces: BlobPart[] = [];
  for await (const piece of zipMembers(members)) pieces.push(piece);
  return bytesOf(new Blob(pieces));
}

/** Some of the entries damaged, gone, twice, or under a path that leads elsewhere; their list true or damaged too. */
function hostileEntries(entries: readonly PackedEntry[]): fc.Arbitrary<PackedEntry[]> {
  const changed = entries.map((entry) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant([entry]) },
      { weight: 3, arbitrary: hostileText(entry).map((text) => [{ ...entry, text }]) },
      { weight: 1, arbitrary: hostilePath(entry.path).map((path) => [{ ...entry, path }]) },
      { weight: 1, arbitrary: fc.constantFrom<PackedEntry[]>([], [entry, entry]) },
    ),
  );
  return fc.tuple(fc.tuple(...changed), fc.boolean(), hostileWord).map(([lists, isListed, word]) => {
    const entries = lists.flat();
    const list = manifestOf(entries);
    return [...entries, isListed ? list : { ...list, text: list.text.replace('"entries"', JSON.stringify(word)) }];
  });
}

function hostileText({ path, text }: PackedEntry): fc.Arbitrary<string> {
  if (!path.endsWith('.json')) return hostileWord;
  return fc.oneof(
    hostileWord,
    fc.constant('['.repeat(50_000)),
    hostileJson([JSON.parse(text)]).map((value) => {
      try {
        return JSON.stringify(value) ?? '';
      } catch {
        return `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
      }
    }),
  );
}

function hostilePath(path: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      hostileWord,
      fc.constantFrom('', '../', '/', 'runs/good/', 'runs/../', 'runs/good/checkpoint/', 'pretrained/'),
    )
    .map(([word, before]) => (before + word).slice(0, 20_000) || path.toUpperCase());
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}
