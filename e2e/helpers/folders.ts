/** @file Makers of dataset folders in a temporary directory, one a layout of SPEC section 3, and the real X-rays if they are there. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawRadiograph } from './images';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Real radiographs in layout (a). They may not be published, so tests that need them are skipped where they are absent. */
export const XRAYS = process.env.THORAX_XRAYS ?? join(ROOT, '..', 'shared', 'data', 'covid-xray');
export const XRAYS_PRESENT = existsSync(join(XRAYS, 'training.txt'));
export const XRAYS_ABSENT_REASON = 'the real X-rays are not here; set THORAX_XRAYS to their folder';

/** An empty folder of this name below a new temporary directory. */
export function makeEmptyFolder(name: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'thorax-')), name);
  mkdirSync(folder);
  return folder;
}

/** Writes one file below `folder`, with the folders it needs. */
export function addFile(folder: string, path: string, content: Buffer | string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}

type Counts = { train: number; validation: number; test: number };

/** Layout (b): a folder per split with a folder per class. `validation` names the middle one, as both names are accepted. */
export function makeSplitFolders(
  name: string,
  classNames: string[],
  counts: Counts,
  validation: 'val' | 'validation' = 'validation',
): string {
  const folder = makeEmptyFolder(name);
  const splits = { train: counts.train, [validation]: counts.validation, test: counts.test };
  let index = 0;
  for (const [split, count] of Object.entries(splits)) {
    classNames.forEach((className, classIndex) => {
      for (let i = 0; i < count; i += 1, index += 1) {
        addFile(folder, `${split}/${className}/scan-${index}.png`, drawRadiograph(classIndex, index));
      }
    });
  }
  return folder;
}

/** Layout (c): a folder per class. */
export function makeClassFolders(name: string, classNames: string[], countPerClass: number): string {
  const folder = makeEmptyFolder(name);
  classNames.forEach((className, classIndex) => {
    for (let i = 0; i < countPerClass; i += 1) {
      addFile(folder, `${className}/person${i}.png`, drawRadiograph(classIndex, i));
    }
  });
  return folder;
}

/**
 * Layout (a) with every oddity lists are known for: a byte order mark, CRLF, `./`, backslashes, blank lines, a space in a
 * name and no final newline. Per class 4 train, 2 validation and 2 test images.
 */
export function makeOddLists(name: string, classNames: string[]): string {
  const folder = makeEmptyFolder(name);
  const lists = { training: [] as string[], validation: [] as string[], testing: [] as string[] };
  classNames.forEach((className, classIndex) => {
    for (let i = 0; i < 8; i += 1) {
      const path = `${className}/scan ${i}.png`;
      addFile(folder, path, drawRadiograph(classIndex, i));
      (i < 4 ? lists.training : i < 6 ? lists.validation : lists.testing).push(path);
    }
  });
  addFile(folder, 'training.txt', `\uFEFF${lists.training.map((path) => `./${path}`).join('\r\n')}\r\n`);
  addFile(folder, 'validation.txt', `\n${lists.validation.map((path) => path.replaceAll('/', '\\')).join('\n\n')}\n\n`);
  addFile(folder, 'testing.txt', lists.testing.join('\n'));
  return folder;
}

/**
 * 24 images in three classes in layout (b): 4 train, 2 validation and 2 test each. Real X-rays where they are, drawn
 * ones elsewhere.
 */
export function makeTwentyFour(): string {
  const counts = { train: 4, validation: 2, test: 2 };
  const classNames = ['COVID', 'HEALTHY', 'PNEUMONIA'];
  if (!XRAYS_PRESENT) return makeSplitFolders('twenty-four', classNames, counts);
  const folder = makeEmptyFolder('twenty-four');
  const lists = { train: 'training.txt', validation: 'validation.txt', test: 'testing.txt' } as const;
  for (const split of ['train', 'validation', 'test'] as const) {
    const lines = readFileSync(join(XRAYS, lists[split]), 'utf8').split(/\r?\n/);
    for (const className of classNames) {
      const paths = lines.filter((line) => line.includes(`/${className}/`)).slice(0, counts[split]);
      for (const path of paths) cpSync(join(XRAYS, path), join(folder, split, path), { recursive: true });
    }
  }
  return folder;
}

/** One radiograph to explain: a real one where they are. */
export function makeRadiograph(): string {
  if (XRAYS_PRESENT) {
    const path = readFileSync(join(XRAYS, 'testing.txt'), 'utf8').split(/\r?\n/)[0];
    return join(XRAYS, path);
  }
  const folder = makeEmptyFolder('radiographs');
  addFile(folder, 'radiograph.png', drawRadiograph(0, 99, 128));
  return join(folder, 'radiograph.png');
}
