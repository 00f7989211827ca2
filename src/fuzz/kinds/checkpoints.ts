/** @file A run's directory of checkpoints: manifest, weights and slots, each damaged. */

import * as fc from 'fast-check';
import { testCheckpointState } from '../../domain/checkpoint-test-kit';
import { StudioError } from '../../domain/failure';
import { sealManifest } from '../../storage/checkpoint-manifest';
import { openCheckpointStore } from '../../storage/checkpoint-store';
import type { OpenTensors, TensorStream } from '../../storage/tensor-file';
import { hostileBytes } from '../hostile-bytes';
import { hostileJson } from '../hostile-json';
import { judge } from '../judge';
import type { FuzzKind, Parts } from '../kind';
import { directoryOf, memoryDirectory, readAll } from '../memory-directory';

const RUN = 'run 7';

interface HostileDirectory {
  parts: Parts;
  /** All files of one of its generations are as they were saved. */
  isOneWhole: boolean;
}

export const checkpoints: FuzzKind<HostileDirectory> = {
  name: 'checkpoints',
  quickCount: 60,
  files: async () => {
    const sound = await soundDirectory();
    const paths = Object.keys(sound);
    return fc
      .array(fc.oneof(...paths.map((path) => hostilePart(path, sound[path]).map((bytes) => ({ path, bytes })))), {
        minLength: 1,
        maxLength: 3,
      })
      .map((changes) => {
        const parts: Parts = { ...sound };
        for (const { path, bytes } of changes) {
          if (bytes) parts[path] = bytes;
          else delete parts[path];
        }
        const generations = new Set(paths.map(generationOf));
        const changed = new Set(changes.map(({ path }) => generationOf(path)));
        return { parts, isOneWhole: changed.size < generations.size };
      });
  },
  read: ({ parts, isOneWhole }) =>
    judge(async () => {
      const store = openCheckpointStore(await directoryOf(parts));
      if (isOneWhole) await store.openToContinue(RUN).catch(lost);
      const refusals: StudioError[] = [];
      // Damage to one of them must not keep the others from being read.
      for (const open of [
        async () => (await store.open(RUN, 'last')).weights,
        async () => (await store.open(RUN, 'best')).weights,
        async () => (await store.openToContinue(RUN)).slots,
      ]) {
        try {
          const tensors = await open();
          if (tensors) await readWhole(tensors);
        } catch (error) {
          if (!(error instanceof StudioError)) throw error;
          refusals.push(error);
        }
      }
      const [first] = refusals;
      if (first) throw refusals.find(({ code }) => code === 'unexpected') ?? first;
    }, [RUN]),
  partsOf: ({ parts }) => parts,
};

/** The number in the names of its files. */
function generationOf(path: string): string {
  return /-(\d+)\.\w+$/.exec(path)?.[1] ?? '';
}

function lost(cause: unknown): never {
  throw new Error('A whole generation was not found', { cause });
}

/** Damaged, or null where the file is gone. */
function hostilePart(path: string, bytes: Uint8Array): fc.Arbitrary<Uint8Array | null> {
  const damaged = hostileBytes({ sources: [bytes], fieldsOf: () => [] });
  const kinds: fc.WeightedArbitrary<Uint8Array | null>[] = [
    { weight: 4, arbitrary: damaged },
    { weight: 1, arbitrary: fc.constant(null) },
  ];
  if (path.endsWith('.json')) {
    const { manifest } = JSON.parse(new TextDecoder().decode(bytes));
    // With a checksum that is right, what it holds is read.
    kinds.push({ weight: 10, arbitrary: hostileJson([manifest]).map((value) => encoded(value, sealManifest)) });
    kinds.push({ weight: 2, arbitrary: hostileJson([manifest]).map((value) => encoded(value)) });
  }
  return fc.oneof(...kinds);
}

function encoded(value: unknown, wrap: (text: string) => string = (text) => text): Uint8Array {
  try {
    return new TextEncoder().encode(wrap(JSON.stringify(value) ?? ''));
  } catch {
    return new TextEncoder().encode('['.repeat(50_000));
  }
}

/** Two saves, the first of which is the best. */
async function soundDirectory(): Promise<Parts> {
  const root = memoryDirectory();
  const store = openCheckpointStore(root);
  for (const epoch of [1, 2]) {
    await store.save(RUN, {
      epoch,
      step: 0,
      bestEpoch: 1,
      state: testCheckpointState({ optimizerStep: epoch }),
      weights: tensors({ 'conv2d/kernel': [3, 3, 1, 2], 'conv2d/bias': [2], empty: [0] }),
      slots: tensors({ 'conv2d/kernel/m': [3, 3, 1, 2] }),
    });
  }
  return readAll(root);
}

function tensors(shapes: Record<string, number[]>): TensorStream {
  const entries = Object.entries(shapes).map(([name, shape]) => ({ name, shape }));
  return {
    tensors: entries,
    async *pieces() {
      for (const { shape } of entries) {
        const size = shape.reduce((product, side) => product * side, 1);
        yield new Uint8Array(Float32Array.from({ length: size }, (_, i) => i / 8).buffer);
      }
    },
  };
}

/** Every tensor as its names and lengths say, whatever those are. */
async function readWhole({ tensors: found, read }: OpenTensors): Promise<void> {
  for (const { name, lengthBytes } of found) {
    const bytes = await read(name);
    if (bytes.length !== lengthBytes) throw new Error(`${name} has ${bytes.length} bytes, not ${lengthBytes}`);
  }
}
