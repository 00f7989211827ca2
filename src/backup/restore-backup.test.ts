import { describe, expect, it } from 'vitest';
import type { RestoreReport } from '../domain/backup';
import { testQueueItem } from '../domain/queue-test-kit';
import { DIVERGED_EPOCH, testRecord } from '../domain/run-test-kit';
import { openBackup } from './backup-archive';
import { backupEntries } from './backup-entries';
import { MemoryProject, manifestOf, type PackedEntry, predictionRows, zipOf } from './backup-test-kit';
import { zipPieces } from './backup-zip';
import { restoreBackup } from './restore-backup';

const FILES = { 'manifest.json': '{}', 'weights-1.bin': 'best weights', 'slots-1.bin': 'slots' };

/** Two runs, one with numbers that JSON has no notation for; one waits, and a pretrained file is kept. */
function project(): MemoryProject {
  const made = new MemoryProject();
  const diverged = testRecord({ id: 'diverged', status: 'diverged', epochs: [DIVERGED_EPOCH], createdAt: 2 });
  made.addRun({ record: testRecord({ id: 'good', createdAt: 1 }), predictions: predictionRows('good') }, FILES);
  made.addRun({ record: diverged, predictions: [] });
  made.queue.push(testQueueItem('waiting'));
  made.pretrained.set('vgg16.h5', new TextEncoder().encode('pretrained'));
  return made;
}

async function backUp(from: MemoryProject) {
  const tally = { runs: 0, doneBytes: 0, leftOut: [] as string[] };
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of zipPieces(backupEntries(from.source, tally, 0), 0)) parts.push(new Uint8Array(piece));
  return { file: new File(parts, 'backup.zip'), tally };
}

async function restore(
  file: File,
  into: MemoryProject,
  { signal = new AbortController().signal, onBytes = (_done: number, _total: number) => {} } = {},
): Promise<RestoreReport> {
  return restoreBackup(await openBackup({ kind: 'file', file }), into.target, signal, onBytes);
}

const outcomes = ({ runs }: RestoreReport) => runs.map(({ runId, outcome }) => [runId, outcome]);

/** The entries of a backup, to be changed and packed again. */
async function entriesOf(from: MemoryProject): Promise<PackedEntry[]> {
  const archive = await openBackup({ kind: 'file', file: (await backUp(from)).file });
  return Promise.all(
    archive.manifest.entries.map(async (entry) => ({
      path: entry.path,
      text: await (await archive.open(entry)).text(),
    })),
  );
}

describe('a backup restored into an empty project', () => {
  it('gives back everything', async () => {
    const from = project();
    const { file, tally } = await backUp(from);
    expect(tally).toMatchObject({ runs: 2, leftOut: [] });
    expect(from.held.size).toBe(0);
    const into = new MemoryProject();
    const seen: number[][] = [];
    const report = await restore(file, into, { onBytes: (done, total) => seen.push([done, total]) });
    expect(outcomes(report)).toEqual([
      ['good', 'restored'],
      ['diverged', 'restored'],
    ]);
    expect(into.runs).toEqual(from.runs);
    expect(into.files).toEqual(from.files);
    expect(into.pretrained).toEqual(from.pretrained);
    expect(into.queue).toMatchObject([{ id: 'waiting' }]);
    const [done, total] = seen.at(-1) ?? [];
    expect(done).toBeLessThanOrEqual(total);
    expect(seen.map(([bytes]) => bytes)).toEqual(seen.map(([bytes]) => bytes).toSorted((a, b) => a - b));
  });

  it('leaves out a run that is going, and says so', async () => {
    const from = project();
    from.held.add('good');
    const { file, tally } = await backUp(from);
    expect(tally).toMatchObject({ runs: 1, leftOut: [expect.stringMatching(/^Baseline on d is going on/)] });
    expect(outcomes(await restore(file, new MemoryProject()))).toEqual([['diverged', 'restored']]);
  });
});

describe('what is stored already', () => {
  it('stays as it is when it is the same', async () => {
    const from = project();
    const { file } = await backUp(from);
    const before = structuredClone([...from.runs]);
    const report = await restore(file, from);
    expect(outcomes(report)).toEqual([
      ['good', 'same'],
      ['diverged', 'same'],
    ]);
    expect(report).toMatchObject({ queue: { count: 0, sentence: null }, pretrained: [{ outcome: 'same' }] });
    expect([...from.runs]).toEqual(before);
    expect(from.queue).toHaveLength(1);
  });

  it('stays beside the other one of its id when that differs', async () => {
    const { file } = await backUp(project());
    const into = project();
    into.addRun({ record: testRecord({ id: 'good', timeMs: 77 }), predictions: [] }, { 'weights-9.bin': 'mine' });
    const report = await restore(file, into);
    expect(outcomes(report)).toEqual([
      ['new-1', 'bothKept'],
      ['diverged', 'same'],
    ]);
    expect(into.records().get('good')).toMatchObject({ id: 'good', timeMs: 77 });
    expect(into.filesOf('good')).toEqual({ 'weights-9.bin': 'mine' });
    expect(into.records().get('new-1')).toMatchObject({ id: 'new-1', timeMs: 1 });
    expect(into.runs.get('new-1')?.predictions).toMatchObject([{ runId: 'new-1' }, { runId: 'new-1' }]);
    expect(into.filesOf('new-1')).toEqual(FILES);
  });

  it('gets back the weights that were deleted since', async () => {
    const from = project();
    const { file } = await backUp(from);
    from.addRun({
      record: testRecord({ id: 'good', createdAt: 1, weightsDeleted: true }),
      predictions: predictionRows('good'),
    });
    from.files.delete('good');
    const report = await restore(file, from);
    expect(report.runs[0]).toMatchObject({ runId: 'good', outcome: 'weightsBack' });
    expect(from.records().get('good')?.weightsDeleted).toBeUndefined();
    expect(from.filesOf('good')).toEqual(FILES);
    expect(from.runs.get('good')?.predictions).toHaveLength(2);
  });

  it('is not touched while somebody works on it', async () => {
    const { file } = await backUp(project());
    const into = new MemoryProject();
    into.held.add('good');
    const report = await restore(file, into);
    expect(report.runs[0]).toMatchObject({ outcome: 'refused', sentence: expect.stringContaining('in another tab') });
    expect([...into.runs.keys()]).toEqual(['diverged']);
  });
});

describe('a run that is damaged in the backup', () => {
  /** Every other run is restored, and of this one nothing. */
  async function expectRefused(entries: PackedEntry[], sentence: RegExp) {
    const into = new MemoryProject();
    const report = await restore(await zipOf([...entries, manifestOf(entries)]), into);
    expect(report.runs.find(({ outcome }) => outcome === 'refused')).toMatchObject({
      sentence: expect.stringMatching(sentence),
    });
    expect([...into.runs.keys()]).toEqual(['diverged']);
    expect(into.files.size).toBe(0);
  }

  const withRecord = async (change: (text: string) => string) =>
    (await entriesOf(project())).map((entry) =>
      entry.path === 'runs/good/record.json' ? { ...entry, text: change(entry.text) } : entry,
    );

  it('is left out with a sentence that names the entry', async () => {
    await expectRefused(await withRecord(() => '{'), /its runs\/good\/record.json is damaged/);
    await expectRefused(
      await withRecord((text) => text.replace('"id":"good"', '"id":"other"')),
      /that of another run, other/,
    );
    const newer = await withRecord((text) => text.replace('"schemaVersion":2', '"schemaVersion":9'));
    await expectRefused(newer, /its runs\/good\/record.json cannot be read. It was written by a newer Thorax/);
    const misplaced = await withRecord((text) => text.replaceAll('"runId":"good"', '"runId":"diverged"'));
    await expectRefused(misplaced, /its predictions cannot be read/);
  });

  it('leaves no file when a checksum is wrong', async () => {
    const { file } = await backUp(project());
    const bytes = new Uint8Array(await file.arrayBuffer());
    const at = new TextDecoder('latin1').decode(bytes).indexOf('best weights');
    bytes[at] ^= 1;
    const into = new MemoryProject();
    const report = await restore(new File([bytes], 'flipped.zip'), into);
    expect(report.runs[0]).toMatchObject({
      outcome: 'refused',
      sentence: expect.stringContaining('flipped.zip: its runs/good/checkpoint/weights-1.bin is damaged'),
    });
    expect([...into.runs.keys()]).toEqual(['diverged']);
    expect(into.files.size).toBe(0);
  });

  it('without its record is no backup', async () => {
    const entries = (await entriesOf(project())).filter(({ path }) => path !== 'runs/good/record.json');
    await expect(restore(await zipOf([...entries, manifestOf(entries)]), new MemoryProject())).rejects.toThrow(
      /weights of run good, but not its record/,
    );
  });
});

describe('a restore', () => {
  it('that is cancelled keeps whole runs, and nothing of the one it was at', async () => {
    const from = new MemoryProject();
    for (const id of ['first', 'second', 'third']) {
      from.addRun({ record: testRecord({ id }), predictions: [] }, FILES);
    }
    const { file } = await backUp(from);
    const into = new MemoryProject();
    const abort = new AbortController();
    const onBytes = () => {
      if (into.runs.size === 1 && into.files.size === 2) abort.abort(new Error('cancelled'));
    };
    await expect(restore(file, into, { signal: abort.signal, onBytes })).rejects.toThrow('cancelled');
    expect([...into.runs.keys()]).toEqual(['first']);
    expect([...into.files.keys()]).toEqual(['first']);
  });

  it('stores the record last, so that a killed one leaves files alone', async () => {
    const { file } = await backUp(project());
    const into = new MemoryProject();
    const seen: [number, number][] = [];
    const write = into.target.writeCheckpointFile;
    into.target.writeCheckpointFile = async (...args) => {
      await write(...args);
      seen.push([into.files.size, into.runs.size]);
    };
    await restore(file, into);
    expect(seen).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it('for which there is no room begins nothing', async () => {
    const { file } = await backUp(project());
    const into = new MemoryProject();
    into.free = 10;
    await expect(restore(file, into)).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringMatching(/grants/),
    });
    expect(into.runs.size).toBe(0);
  });

  it('says why the queue cannot be read, and restores the runs', async () => {
    const entries = (await entriesOf(project())).map((entry) =>
      entry.path === 'queue.json' ? { ...entry, text: '[{"schemaVersion":9}]' } : entry,
    );
    const into = new MemoryProject();
    const report = await restore(await zipOf([...entries, manifestOf(entries)]), into);
    expect(report.queue).toEqual({ count: 0, sentence: expect.stringMatching(/queue.json cannot be read/) });
    expect(into.runs.size).toBe(2);
  });
});
