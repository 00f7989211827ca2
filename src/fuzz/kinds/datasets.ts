/** @file Folders as they are dropped: list files of any content, and names of any kind. */

import * as fc from 'fast-check';
import { encode } from 'fast-png';
import { OpenDataset } from '../../dataset/open-dataset';
import { hostileBytes } from '../hostile-bytes';
import { hostileWord } from '../hostile-text';
import { judge } from '../judge';
import type { FuzzKind, Parts } from '../kind';

const NAME = 'xrays';
const CLASSES = ['COVID', 'HEALTHY', 'PNEUMONIA'];
/** A folder per class, and beside them images whose class only a label says. */
const IMAGES = [...CLASSES, 'mixed'].flatMap((name) =>
  Array.from({ length: 3 }, (_, i) => `images/${name}/${name} ${i}.png`),
);
const NEVER = new AbortController().signal;

/** A problem's reason and the path it speaks of are one line on screen. */
const MAX_REASON = 2000;

const GREY_PNG = encode({ width: 4, height: 4, data: new Uint8Array(16), channels: 1 });

const utf8 = (text: string) => new TextEncoder().encode(text);

interface HostileLists {
  lists: Parts;
  /** All images at the top, where no folder says what they are. */
  isFlat: boolean;
}

/** Three lists beside images: each list sound, damaged, or made of hostile lines. */
export const listFiles: FuzzKind<HostileLists> = {
  name: 'list-files',
  quickCount: 60,
  files: async () =>
    fc
      .tuple(
        hostileList,
        fc.option(hostileList, { nil: utf8(IMAGES[1]) }),
        fc.option(hostileList, { nil: utf8(IMAGES[2]) }),
        fc.boolean(),
      )
      .map(([training, validation, testing, isFlat]) => ({
        lists: { 'training.txt': training, 'validation.txt': validation, 'testing.txt': testing },
        isFlat,
      })),
  read: ({ lists, isFlat }) => {
    const images = IMAGES.map((path) => (isFlat ? path.slice(path.lastIndexOf('/') + 1) : path));
    return openFolder(
      [...Object.entries(lists), ...images.map((path) => [path, GREY_PNG] as const)],
      Object.keys(lists),
    );
  },
  partsOf: ({ lists }) => lists,
};

const SOUND_LISTS = [
  IMAGES.join('\n'),
  IMAGES.map((path, i) => `${path} ${i % 3}`).join('\r\n'),
  IMAGES.map((path, i) => `"${path}",${i % 3}`).join('\r'),
  IMAGES.map((path) => `.\\${path.replaceAll('/', '\\')}`).join('\n'),
  IMAGES.map((path) => `/home/somebody/xrays/${path}`).join('\n\n'),
];

const line = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...IMAGES) }, { weight: 2, arbitrary: hostileWord }),
    fc.constantFrom('', './', '/', '\\', '"', '  ', '../', 'xrays/', '\uFEFF'),
    fc.constantFrom('', ' 0', ',1', '\t2', ' 7', ' 99999999999999999999', '"', ';;1', ' -1', ' COVID'),
  )
  .map(([path, before, behind]) => before + path + behind);

const hostileText = fc
  .tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\u2028', ' '))
  .map(([lines, ending]) => lines.join(ending));

/** As UTF-8, or UTF-16 of either order, with a byte order mark or without. */
const encoded = fc
  .tuple(hostileText, fc.constantFrom('utf8', 'utf8 marked', 'little', 'big', 'little unmarked'))
  .map(([text, how]) => {
    if (how === 'utf8') return utf8(text);
    if (how === 'utf8 marked') return utf8(`\uFEFF${text}`);
    const bytes = new Uint8Array(2 * text.length + 2);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0xfeff, how !== 'big');
    for (let i = 0; i < text.length; i += 1) view.setUint16(2 * i + 2, text.charCodeAt(i), how !== 'big');
    return how === 'little unmarked' ? bytes.slice(2) : bytes;
  });

const hostileList: fc.Arbitrary<Uint8Array> = fc.oneof(
  encoded,
  hostileBytes({ sources: SOUND_LISTS.map(utf8), fieldsOf: () => [] }),
);

/** Folders without lists: the names alone say what is what. */
export const folders: FuzzKind<Parts> = {
  name: 'folders',
  quickCount: 60,
  files: async () =>
    fc
      .array(fc.tuple(hostilePath, fc.constantFrom(GREY_PNG, utf8('no image'), new Uint8Array(0))), {
        minLength: 1,
        maxLength: 24,
      })
      .map((files) => Object.fromEntries(files)),
  // A sentence may be about a folder inside.
  read: (parts) =>
    openFolder(
      Object.entries(parts),
      Object.keys(parts).flatMap((path) => path.split('/')),
    ),
  partsOf: (parts) => parts,
};

const part = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...CLASSES, 'train', 'val', 'test', 'Training', 'VALIDATION', 'images') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('covid', 'Covid ', 'COVID\u0301', '.hidden', 'Thumbs.db', '__MACOSX', 'patient00012'),
  },
  { weight: 2, arbitrary: hostileWord.map((word) => word.replaceAll('/', '_').slice(0, 255) || '_') },
);

const hostilePath = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.array(part, { maxLength: 5 }) },
      { weight: 1, arbitrary: fc.array(part, { minLength: 50, maxLength: 60 }) },
    ),
    part,
    fc.constantFrom('.png', '.jpg', '.txt', '', '.', '.PNG'),
  )
  .map(([parents, name, ending]) => [...parents, name + ending].join('/'));

async function openFolder(files: readonly (readonly [string, Uint8Array])[], names: readonly string[]) {
  const entries = files.map(([path, bytes]) => ({
    path,
    file: new File([Uint8Array.from(bytes)], path.slice(path.lastIndexOf('/') + 1), { lastModified: 1 }),
  }));
  return judge(async () => {
    const dataset = await OpenDataset.open(
      { kind: 'files', name: NAME, files: entries },
      false,
      () => undefined,
      NEVER,
    );
    checkSummary(dataset, new Set(files.map(([path]) => path.replace(/^(\.?\/)+/, ''))));
  }, [NAME, ...names]);
}

function checkSummary(dataset: OpenDataset, there: ReadonlySet<string>): void {
  const { classNames, classCounts, problems } = dataset.summary;
  if (classCounts.length !== classNames.length) throw new Error('Counts for other classes');
  if (new Set(classNames).size !== classNames.length) throw new Error('A class twice');
  const images = dataset.listImages();
  const counted = classCounts.reduce((sum, { train, validation, test }) => sum + train + validation + test, 0);
  if (counted !== images.length || images.length > there.size)
    throw new Error(`${counted} counted, ${images.length} listed`);
  if (new Set(images.map(({ path }) => path)).size !== images.length) throw new Error('An image twice');
  for (const { path } of images) {
    if (![...there].some((known) => known.endsWith(path))) throw new Error(`${path} is not in the folder`);
  }
  for (const { path, reason } of problems) {
    if (reason.length > MAX_REASON)
      throw new Error(`A reason of ${reason.length} characters for ${path.slice(0, 100)}`);
    if (!/[.!?]$/.test(reason)) throw new Error(`No sentence: ${reason}`);
  }
}
