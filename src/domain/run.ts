/**
 * @file A run: one network trained once by one recipe on one dataset, as it is stored and shown.
 *
 * Records outlive versions of the program: `stored-run.ts` reads those of every version.
 */

import * as v from 'valibot';
import { InputScalingSchema } from './input-scaling';
import { RecipeSchema } from './recipe';

export const RUN_SCHEMA_VERSION = 2;

/** What was measured may be NaN or infinite, which `v.number()` refuses; a run that diverged is kept and shown. */
export const MeasuredSchema = v.custom<number>((value) => typeof value === 'number', 'Expected a number');

export const EpochLogSchema = v.object({
  /** Counted from 1. */
  epoch: v.number(),
  /** Means over the epoch's samples, measured while they were trained on. */
  loss: MeasuredSchema,
  accuracy: MeasuredSchema,
  /** After the epoch, inference mode; null when the validation split is empty. */
  validationLoss: v.nullable(MeasuredSchema),
  validationAccuracy: v.nullable(MeasuredSchema),
  timeMs: v.number(),
  /** Live tensors and the device's bytes at the end of the epoch. If they grow from epoch to epoch, there is a leak. */
  tensorCount: v.number(),
  gpuBytes: v.number(),
  /** Operations of the epoch and its validation divided by `timeMs`, billions per second. Not in the oldest records. */
  gflops: v.optional(MeasuredSchema),
});

export type EpochLog = v.InferOutput<typeof EpochLogSchema>;

export const PredictionSchema = v.object({
  path: v.string(),
  classIndex: v.number(),
  /** Softmax output in the order of the dataset's classes. */
  probabilities: v.array(MeasuredSchema),
});

export type Prediction = v.InferOutput<typeof PredictionSchema>;

/** A split's score. The predictions it was computed from are stored beside the record, not in it. */
export const EvaluationSchema = v.object({
  /** Share of right predictions, 0..1. */
  accuracy: MeasuredSchema,
  loss: MeasuredSchema,
  /** Number of images. */
  count: v.number(),
});

export type Evaluation = v.InferOutput<typeof EvaluationSchema>;

/** A split's score with the predictions it was computed from. */
export interface EvaluatedSplit extends Evaluation {
  predictions: Prediction[];
}

/** What the record keeps of an evaluated split. */
export function scoreOf({ accuracy, loss, count }: EvaluatedSplit): Evaluation {
  return { accuracy, loss, count };
}

/** `diverged`: its loss or its predictions stopped being finite numbers; `failure` says in which epoch. */
export const RunStatusSchema = v.picklist(['running', 'finished', 'stopped', 'failed', 'diverged', 'interrupted']);

export type RunStatus = v.InferOutput<typeof RunStatusSchema>;

export const WEIGHTS_KINDS = ['last', 'best'] as const;

/** Which of a run's two sets of weights. */
export type WeightsKind = (typeof WEIGHTS_KINDS)[number];

/** The run that another one goes on from, and which of its weights that one begins with. */
export const AncestorSchema = v.object({ runId: v.string(), weights: v.picklist(WEIGHTS_KINDS) });

export type Ancestor = v.InferOutput<typeof AncestorSchema>;

const PlaceSchema = v.object({
  /** Complete epochs. */
  epoch: v.number(),
  /** Steps of the epoch after them. */
  step: v.number(),
});

/** A place in a run, between two steps. */
export type RunPlace = v.InferOutput<typeof PlaceSchema>;

export const RunRecordSchema = v.object({
  schemaVersion: v.literal(RUN_SCHEMA_VERSION),
  id: v.string(),
  /** Milliseconds since 1970. */
  createdAt: v.number(),
  recipe: RecipeSchema,
  dataset: v.object({
    id: v.string(),
    name: v.string(),
    synthetic: v.boolean(),
    classNames: v.array(v.string()),
    /** Images per split: train, validation, test. */
    counts: v.object({ train: v.number(), validation: v.number(), test: v.number() }),
  }),
  /** Where the initial weights came from: Keras' published file, or another one that fits. */
  weightsOrigin: v.picklist(['random', 'imagenet', 'file']),
  /** Set in the record of a run that was trained further from another one. */
  ancestor: v.optional(
    v.object({
      ...AncestorSchema.entries,
      /** `continued`: with the slots and the step count that were kept of the ancestor. `anew`: as before its first step. */
      optimizer: v.picklist(['continued', 'anew']),
      /** Other datasets that the ancestors were trained on: their images may be among the test images here. */
      otherDatasets: v.array(v.object({ id: v.string(), name: v.string() })),
    }),
  ),
  /** File name of an imported model. Not in the oldest records, nor in those of runs trained here. */
  sourceFile: v.optional(v.string()),
  /** How pixels 0..255 become the network's input. Absent: they are divided by 255, as the notebook does. */
  inputScaling: v.optional(InputScalingSchema),
  /** True where the file did not state that scaling. Only in records of models that were trained elsewhere. */
  scalingAssumed: v.optional(v.boolean()),
  /** True where the file held weights alone, so that activations and padding are those of the network here. */
  configurationAssumed: v.optional(v.boolean()),
  /** What computed, as `deviceName` writes it. */
  gpu: v.string(),
  parameterCount: v.number(),
  trainableParameterCount: v.number(),
  status: RunStatusSchema,
  epochs: v.array(EpochLogSchema),
  /** Training and validation together, as the notebook times it, without pauses. */
  timeMs: v.number(),
  /**
   * Most bytes of the device's memory at once: on WebGPU all buffers, idle ones included; on the processor what was in use. Not
   * in the oldest records, and not when the device gave less than was asked.
   */
  peakGpuBytes: v.optional(v.number()),
  /** Set where early stopping ended the run before its last epoch: after `epoch`, the validation loss lowest in `lowestEpoch`. */
  stoppedEarly: v.optional(v.object({ epoch: v.number(), lowestEpoch: v.number() })),
  /** What the collapse alert said after the last epoch; absent where the run learned. */
  collapse: v.optional(v.string()),
  /** The epoch of lowest training loss, whose weights are kept as the best. */
  bestEpoch: v.nullable(v.number()),
  /**
   * The place whose weights are stored as the last ones; null where there are none. Absent in older records, which kept those of
   * every epoch.
   */
  lastKept: v.optional(v.nullable(PlaceSchema)),
  /** Epochs whose weights were to be stored and could not be, for want of space; none of them is `bestEpoch`. */
  unkeptEpochs: v.optional(v.array(v.number())),
  test: v.object({ last: v.nullable(EvaluationSchema), best: v.nullable(EvaluationSchema) }),
  /** True once a person has deleted the weights; curves and predictions are kept. */
  weightsDeleted: v.optional(v.boolean()),
  /** The sentence shown when `status` is failed or diverged. */
  failure: v.nullable(v.string()),
});

export type RunRecord = v.InferOutput<typeof RunRecordSchema>;

/** What each of a run's two sets of weights predicted for the test images; null where it was not tested. */
export type RunPredictions = Record<WeightsKind, Prediction[] | null>;

/** `after epoch 5`, or `after batch 30 of epoch 6`. */
export function placeWords({ epoch, step }: RunPlace): string {
  return step > 0 ? `after batch ${step} of epoch ${epoch + 1}` : `after epoch ${epoch}`;
}

/** True when all its epochs are done, or early stopping has ended it: of the run itself only the test may be left. */
export function isTrained({ epochs, recipe, stoppedEarly }: RunRecord): boolean {
  return stoppedEarly !== undefined || epochs.length >= recipe.epochs;
}

/** The place in the run that its stored last weights are of; null where none are stored. */
export function lastKeptOf({ lastKept, epochs, recipe }: RunRecord): RunPlace | null {
  if (lastKept !== undefined) return lastKept;
  // A model that was trained elsewhere has no epochs here, and one set of weights.
  return epochs.length > 0 || recipe.epochs === 0 ? { epoch: epochs.length, step: 0 } : null;
}

/** The weights of a run that can be used: the last ones of a run that diverged predict nothing. */
export function keptWeights(record: RunRecord): WeightsKind[] {
  if (record.weightsDeleted) return [];
  const best: WeightsKind[] = record.bestEpoch === null ? [] : ['best'];
  return record.status === 'diverged' || lastKeptOf(record) === null ? best : ['last', ...best];
}
