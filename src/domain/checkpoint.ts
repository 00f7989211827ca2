/**
 * @file What a checkpoint holds beside its tensors: all that a run needs to go on as if it had never stopped.
 *
 * Checkpoints outlive versions of the program, so their state arrives as `unknown` and goes through
 * {@link readCheckpointState}.
 */

import * as v from 'valibot';
import { Crc32 } from '../base/checksum';
import type { DatasetImage } from './dataset';
import { RecipeSchema } from './recipe';
import { parseRunRecord } from './stored-run';

export const CHECKPOINT_SCHEMA_VERSION = 1;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** As `RandomStream.state` gives it. */
const RandomStateSchema = v.pipe(v.array(v.pipe(v.number(), v.safeInteger())), v.length(4));

/** A place in the training, between two steps. */
export const TrainingPositionSchema = v.object({
  /** Complete epochs. */
  epoch: count,
  /** Steps done of the epoch after them. */
  step: count,
  randomStates: v.object({
    /** As it was before the current epoch's order was drawn: drawing again gives the same order. */
    shuffle: RandomStateSchema,
    /** For transforms and noise, after the images of the steps done. */
    augment: RandomStateSchema,
  }),
  /** Over the samples of the current epoch so far. */
  sums: v.object({ loss: v.number(), correct: v.number(), count }),
});

export type TrainingPosition = v.InferOutput<typeof TrainingPositionSchema>;

/** What each callback keeps from epoch to epoch, by the callback's name. */
export const CallbackStatesSchema = v.record(v.string(), v.record(v.string(), v.number()));

export type CallbackStates = v.InferOutput<typeof CallbackStatesSchema>;

export const CheckpointStateSchema = v.object({
  schemaVersion: v.literal(CHECKPOINT_SCHEMA_VERSION),
  position: TrainingPositionSchema,
  /** Steps that the optimizer has taken. */
  optimizerStep: count,
  callbacks: CallbackStatesSchema,
  recipe: RecipeSchema,
  /** Of the dataset trained on: its `id`. */
  datasetFingerprint: v.string(),
  /** As {@link trainingListHash} gives it. */
  trainingListHash: v.string(),
  /** The tile that products took on this GPU; null where there is no choice. */
  tileChoice: v.nullable(v.string()),
  /** Training and validation until here, without pauses. */
  elapsedMs: v.number(),
  /** The current epoch's share of that. */
  epochElapsedMs: v.number(),
  /** The run's record as of this checkpoint; the stored one may be an epoch behind. */
  record: v.pipe(
    v.unknown(),
    v.transform((stored) => parseRunRecord(stored)),
  ),
});

export type CheckpointState = v.InferOutput<typeof CheckpointStateSchema>;

/** @returns null for what is no state of this version: the weights beside it can still be used. */
export function readCheckpointState(stored: unknown): CheckpointState | null {
  try {
    return v.parse(CheckpointStateSchema, stored);
  } catch {
    return null;
  }
}

/** Checksum over the ordered paths and labels of the training split: equal lists train alike. */
export function trainingListHash(images: readonly Pick<DatasetImage, 'path' | 'classIndex'>[]): string {
  const crc = new Crc32();
  const encoder = new TextEncoder();
  for (const { path, classIndex } of images) crc.update(encoder.encode(`${classIndex} ${path}\n`));
  return `${images.length}-${crc.value.toString(16).padStart(8, '0')}`;
}
