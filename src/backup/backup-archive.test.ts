import { describe, expect, it } from 'vitest';
import { openBackup } from './backup-archive';
import { manifestOf, type PackedEntry, zipOf } from './backup-test-kit';
import { MANIFEST_PATH } from './entry-path';

const ENTRIES: PackedEntry[] = [
  { path: 'runs/a/checkpoint/weights-1.bin', text: 'weights' },
  { path: 'runs/a/record.json', text: '{}' },
];

const open = (file: File) => openBackup({ kind: 'file', file });
const openEntries = async (entries: PackedEntry[]) => open(await zipOf(entries));
const openFiles = (entries: PackedEntry[]) =>
  openBackup({
    kind: 'files',
    name: 'backup',
    files: entries.map(({ path, text }) => ({ path: `backup/${path}`, file: new File([text], 'x') })),
  });

/** A zip file with bytes of one record of its directory changed. */
async function patched(entry: number, change: (record: DataView) => void): Promise<File> {
  const bytes = new Uint8Array(await (await zipOf([...ENTRIES, manifestOf(ENTRIES)])).arrayBuffer());
  const view = new DataView(bytes.buffer);
  const records: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 1) if (view.getUint32(at, true) === 0x02014b50) records.push(at);
  change(new DataView(bytes.buffer, records[entry]));
  return new File([bytes], 'backup.zip');
}

describe('a backup', () => {
  it.each([
    ['zip file', openEntries],
    ['folder', openFiles],
  ])('as a %s opens with what it names', async (_, openAs) => {
    const archive = await openAs([...ENTRIES, manifestOf(ENTRIES)]);
    const texts = archive.manifest.entries.map(async (entry) => [entry.path, await (await archive.open(entry)).text()]);
    expect(await Promise.all(texts)).toEqual(ENTRIES.map(({ path, text }) => [path, text]));
  });

  it.each([
    '../evil.json',
    '/etc/passwd',
    'runs/../../evil',
    'runs/a/../b/record.json',
    'runs/./record.json',
    'runs/a/checkpoint/..',
    'runs/a/checkpoint/sub/x.bin',
    'runs/a/checkpoint/.hidden',
    'pretrained/a\\b.h5',
    'RUNS/a/record.json',
    'notes.txt',
    '',
  ])('that holds the path %j is refused, and the path named', async (path) => {
    const strange = [...ENTRIES, { path, text: 'x' }];
    const sentence = { code: 'bad-input', message: expect.stringContaining(`holds ${JSON.stringify(path)}, which`) };
    // In the zip file alone, and in the list too.
    if (path !== '') await expect(openEntries([...strange, manifestOf(ENTRIES)])).rejects.toMatchObject(sentence);
    await expect(openEntries([...ENTRIES, manifestOf(strange)])).rejects.toMatchObject(sentence);
    await expect(openFiles([...strange, manifestOf(strange)])).rejects.toMatchObject(sentence);
  });

  it('with an entry twice is refused, in the file and in the list', async () => {
    const twice = [...ENTRIES, ENTRIES[0]];
    const sentence = { message: expect.stringContaining('two entries runs/a/checkpoint/weights-1.bin') };
    await expect(openEntries([...twice, manifestOf(ENTRIES)])).rejects.toMatchObject(sentence);
    await expect(openEntries([...ENTRIES, manifestOf(twice)])).rejects.toMatchObject(sentence);
  });

  it('that holds more or less than its list is refused', async () => {
    const more = { path: 'runs/b/record.json', text: '{}' };
    await expect(openEntries([...ENTRIES, more, manifestOf(ENTRIES)])).rejects.toThrow(/holds "runs\/b\/record.json"/);
    await expect(openEntries([...ENTRIES, manifestOf([...ENTRIES, more])])).rejects.toThrow(
      /its runs\/b\/record.json is missing/,
    );
    await expect(openFiles([...ENTRIES, manifestOf([...ENTRIES, more])])).rejects.toThrow(
      /its runs\/b\/record.json is missing/,
    );
  });

  it('with an entry of another length or checksum than its list says is refused', async () => {
    const sentence = /its runs\/a\/checkpoint\/weights-1.bin is not the one that was written/;
    const longer = [{ ...ENTRIES[0], text: 'weights!' }, ENTRIES[1]];
    await expect(openEntries([...longer, manifestOf(ENTRIES)])).rejects.toThrow(sentence);
    await expect(openFiles([...longer, manifestOf(ENTRIES)])).rejects.toThrow(sentence);
    const other = [{ ...ENTRIES[0], text: 'wEights' }, ENTRIES[1]];
    await expect(openEntries([...other, manifestOf(ENTRIES)])).rejects.toThrow(sentence);
  });

  it('of a newer Thorax is refused', async () => {
    const text = JSON.stringify({ format: 'thorax-backup', schemaVersion: 2, anything: 'else' });
    await expect(openEntries([{ path: MANIFEST_PATH, text }])).rejects.toThrow(/written by a newer Thorax/);
    await expect(openFiles([{ path: MANIFEST_PATH, text }])).rejects.toThrow(/written by a newer Thorax/);
  });

  it.each([
    ['another zip file', [{ path: 'queue.json', text: '[]' }], /has no thorax-backup.json/],
    ['a list that is no JSON', [{ path: MANIFEST_PATH, text: '{' }], /thorax-backup.json is damaged/],
    ['a list of another kind', [{ path: MANIFEST_PATH, text: '[]' }], /thorax-backup.json is damaged/],
    [
      'a list with lengths below zero',
      [
        {
          path: MANIFEST_PATH,
          text: '{"format":"thorax-backup","schemaVersion":1,"createdAt":0,"entries":[{"path":"queue.json","sizeBytes":-1,"crc32":0}]}',
        },
      ],
      /thorax-backup.json is damaged/,
    ],
  ])('is not taken for one: %s', async (_, entries, sentence) => {
    await expect(openEntries(entries)).rejects.toThrow(sentence);
  });

  it('that was packed again, lies over itself or claims more than it has is refused', async () => {
    const packed = await patched(0, (record) => record.setUint16(10, 8, true));
    await expect(open(packed)).rejects.toThrow(/its runs\/a\/checkpoint\/weights-1.bin is compressed/);
    const over = await patched(1, (record) => record.setUint32(42, 0, true));
    await expect(open(over)).rejects.toThrow(/lie over each other/);
    const larger = await patched(0, (record) => {
      record.setUint32(20, 2 ** 31, true);
      record.setUint32(24, 2 ** 31, true);
    });
    await expect(open(larger)).rejects.toThrow(/lie over each other|is not the one that was written/);
  });

  it('cut anywhere is refused with a sentence', async () => {
    const whole = await zipOf([...ENTRIES, manifestOf(ENTRIES)]);
    for (let cut = 0; cut < whole.size; cut += 5) {
      await expect(open(new File([whole.slice(0, cut)], 'cut.zip'))).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining('cut.zip'),
      });
    }
  });

  it('as a folder without its list is no whole backup', async () => {
    await expect(openFiles(ENTRIES)).rejects.toThrow(/no whole backup of Thorax.*written last/);
  });
});
