/** @file Keras files: HDF5 of every layout, and `.keras`, a zip file with HDF5 and a configuration in it. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { buildNetwork } from '../../architectures/build-network';
import { exportKerasH5 } from '../../exchange/export-keras-h5';
import type { ForeignFile } from '../../exchange/foreign-file';
import { kerasModelOf } from '../../exchange/keras-config';
import { zipMembers } from '../../exchange/zip-writer';
import type { FileThreads } from '../file-threads';
import { type Field, type HostileFormat, hostileBytes } from '../hostile-bytes';
import { hostileValue } from '../hostile-json';
import { judge } from '../judge';
import type { FuzzKind } from '../kind';
import { zipFields } from '../zip-fields';
import { checkReading } from './model-readings';

const SMALL = join('src', 'exchange', 'fixtures');
const LARGE = join('src', 'worker', 'fixtures');
/** Of the weights of a network that is found in a file, the first are read. */
const MOST_NUMBERS = 2 ** 20;

const read = async (...path: string[]) => Uint8Array.from(await readFile(join(...path)));
const unpacked = async (name: string) => Uint8Array.from(gunzipSync(await read(LARGE, `${name}.gzip`)));

type MakeBytes = () => Promise<Uint8Array<ArrayBuffer>>;

/** `.h5` of Keras 2 and 3, weights alone and whole models, and our own export. */
export function hdf5Files(threads: FileThreads): FuzzKind<MakeBytes> {
  return kerasKind('hdf5', 'mine.h5', threads, async () => hostileBytes(await hdf5Format()).map(asIs));
}

/** The zip file itself damaged, or sound around damaged members. */
export function kerasArchives(threads: FileThreads): FuzzKind<MakeBytes> {
  return kerasKind('keras-archives', 'mine.keras', threads, async () => {
    const names = ['keras2-model.keras', 'keras3-model.keras', 'keras3-deflated.keras'];
    const archives = await Promise.all(names.map((name) => read(SMALL, name)));
    archives.push(await archiveOf(await exportedModel(), '{}'));
    const weights = hostileBytes(await hdf5Format());
    const sound = fc.constantFrom(await read(SMALL, 'keras3.weights.h5'), await read(SMALL, 'keras2.weights.h5'));
    return fc.oneof(
      { weight: 3, arbitrary: hostileBytes({ sources: archives, fieldsOf: zipFields }).map(asIs) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.oneof(weights, sound), hostileConfig).map(
          ([h5, config]): MakeBytes =>
            () =>
              archiveOf(h5, config),
        ),
      },
    );
  });
}

function asIs(bytes: Uint8Array<ArrayBuffer>): MakeBytes {
  return async () => bytes;
}

function kerasKind(
  name: string,
  fileName: string,
  threads: FileThreads,
  files: () => Promise<fc.Arbitrary<MakeBytes>>,
): FuzzKind<MakeBytes> {
  return {
    name,
    quickCount: 16,
    files,
    read: async (make) => {
      const bytes = await make();
      return judge(() => threads.read(fileName, bytes, readModel), [fileName]);
    },
    partsOf: async (make) => ({ [fileName]: await make() }),
    close: () => threads.end(),
  };
}

/** What the studio asks of a model's file: what it states, and its weights. */
async function readModel(opened: ForeignFile): Promise<void> {
  const reading = await opened.readModel();
  checkReading(reading);
  const { inputSize } = reading;
  const size = inputSize.kind === 'stated' ? inputSize.size : inputSize.min;
  let count = 0;
  for await (const piece of opened.readWeights({ kind: 'model', inputSize: size })) {
    if (!piece.every(Number.isFinite)) throw new Error('Numbers that are not finite');
    count += piece.length;
    if (count > MOST_NUMBERS) return;
  }
}

async function hdf5Format(): Promise<HostileFormat> {
  const names = ['keras2-model.h5', 'keras2-weights.h5', 'keras2.weights.h5', 'keras3-model.h5', 'keras3.weights.h5'];
  const small = await Promise.all(names.map((name) => read(SMALL, name)));
  const large = await Promise.all(['vgg16-keras2-model.h5', 'vgg16-keras3.weights.h5'].map(unpacked));
  return { sources: [...small, ...small, await exportedModel(), ...large], fieldsOf: hdf5Fields };
}

/** The baseline for inputs of 20 pixels, as the studio exports it. */
async function exportedModel(): Promise<Uint8Array<ArrayBuffer>> {
  const { pieces } = exportKerasH5(kerasModelOf(buildNetwork('baseline', 20, 3)), {
    read: async (_key, _start, lengthBytes) => new Uint8Array(lengthBytes),
  });
  return gathered(pieces());
}

const SIGNATURES = ['TREE', 'SNOD', 'HEAP', 'GCOL', 'OHDR', 'FRHP', 'BTHD', 'FSHD', 'OCHK'];

/** Of the superblock, of what begins with a signature, and whatever 8 bytes could be an address or a length. */
function hdf5Fields(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Field[] = [];
  const add = (at: number, widthBytes: Field['widthBytes']) => fields.push({ at, widthBytes, littleEndian: true });
  for (let at = 8; at < 100; at += 1) add(at, 1);
  for (let at = 8; at + 8 <= bytes.length; at += 8) {
    const value = view.getBigUint64(at, true);
    if ((value > 0n && value <= BigInt(bytes.length)) || value === 2n ** 64n - 1n) add(at, 8);
    // Messages of object headers: type, size, flags.
    if (value > 0n && value < 2n ** 40n) for (const [offset, width] of MESSAGE) add(at + offset, width);
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  for (const signature of SIGNATURES) {
    for (let at = text.indexOf(signature); at >= 0; at = text.indexOf(signature, at + 4)) {
      for (let offset = 4; offset < 48; offset += 2) add(at + offset, 2);
    }
  }
  return fields;
}

const MESSAGE: [number, Field['widthBytes']][] = [
  [0, 1],
  [0, 2],
  [2, 2],
  [4, 1],
  [4, 4],
];

const hostileConfig: fc.Arbitrary<string> = fc.oneof(
  hostileValue.map((value) => {
    try {
      return JSON.stringify(value) ?? '';
    } catch {
      return '['.repeat(40_000);
    }
  }),
  fc.constantFrom(
    '',
    '{',
    '[[[[',
    '\uFEFF{}',
    '{"class_name":"Functional","config":{"layers":[]}}',
    '{"a":'.repeat(40_000),
  ),
);

/** A zip file of stored members; a name that leads out of it stands beside them. */
async function archiveOf(weights: Uint8Array<ArrayBuffer>, config: string): Promise<Uint8Array<ArrayBuffer>> {
  const members: [string, Uint8Array<ArrayBuffer>][] = [
    ['../../metadata.json', new TextEncoder().encode('{}')],
    ['config.json', new TextEncoder().encode(config)],
    ['model.weights.h5', weights],
  ];
  return gathered(
    zipMembers(members.map(([name, data]) => ({ name, sizeBytes: data.length, read: async () => data }))),
  );
}

async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece.slice());
  return Uint8Array.from(Buffer.concat(parts));
}
