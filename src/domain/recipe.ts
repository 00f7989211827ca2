/**
 * @file A training recipe: every number of the notebook as a field, with its bounds.
 *
 * The defaults are the notebook's (SPEC section 2). A recipe is plain data; it is stored with the run it made.
 */

import * as v from 'valibot';
import { ClassWeightsSchema } from './class-weights';
import type { DatasetSummary } from './dataset';
import { countImages } from './dataset';
import { NETWORK_IDS, NETWORKS, type NetworkId } from './network';

export const OptimizerSchema = v.variant('kind', [
  v.object({
    kind: v.literal('adam'),
    learningRate: v.number(),
    beta1: v.number(),
    beta2: v.number(),
    epsilon: v.number(),
  }),
  v.object({ kind: v.literal('sgd'), learningRate: v.number(), momentum: v.number() }),
]);

export type OptimizerSettings = v.InferOutput<typeof OptimizerSchema>;

/** What the optimizer keeps of every trainable weight, each as large as the weight: Adam's moments, or the velocity. */
export function slotNames(settings: OptimizerSettings): string[] {
  switch (settings.kind) {
    case 'adam':
      return ['m', 'v'];
    case 'sgd':
      return settings.momentum > 0 ? ['velocity'] : [];
    default:
      return settings satisfies never;
  }
}

/** How many slots an optimizer keeps per trainable weight. */
export function slotCount(settings: OptimizerSettings): number {
  return slotNames(settings).length;
}

export const AugmentationSchema = v.object({
  /** Rotation drawn from [-x, x], degrees. */
  rotationDegrees: v.number(),
  /** Shifts drawn from [-x, x], fraction of the side. */
  heightShift: v.number(),
  widthShift: v.number(),
  /** Zoom factor per axis drawn from [1 - x, 1 + x]. */
  zoom: v.number(),
  /** Mirrored left to right with probability one half. */
  horizontalFlip: v.boolean(),
  /** Standard deviation of the Gaussian noise drawn per image from [0, x), grey levels of 0..255. */
  noiseDeviation: v.number(),
  /** Clip to 0..255 after the noise. The notebook computes this clip and throws it away. */
  clip: v.boolean(),
});

export type AugmentationSettings = v.InferOutput<typeof AugmentationSchema>;

/** Memory is made by these two numbers, also of a recipe that a damaged file holds. */
const MOST_BATCH = 512;
const MOST_SIDE = 1024;

const wholeTo = (most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(most));

const CheckpointSettingsSchema = v.object({
  /** After every so many epochs. The best epoch and the last one are always kept. */
  everyEpochs: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** Within an epoch, so many minutes after the last checkpoint. */
  everyMinutes: v.pipe(v.number(), v.minValue(0)),
});

const CHECKPOINTS = { everyEpochs: 1, everyMinutes: 10 };

export const RecipeSchema = v.object({
  network: v.picklist(NETWORK_IDS),
  epochs: v.number(),
  batchSize: wholeTo(MOST_BATCH),
  /** Side of the square input, pixels. */
  inputSize: wholeTo(MOST_SIDE),
  seed: v.number(),
  interpolation: v.picklist(['nearest', 'bilinear']),
  optimizer: OptimizerSchema,
  augmentation: AugmentationSchema,
  /** For the two transfer networks: train from random weights instead of Keras' file. Ignored by the others. */
  startFromRandomWeights: v.boolean(),
  /** Statistics that frozen BatchNorm layers use: the loaded ones (Keras from 2.4 on), or the batch's (the notebook's Keras 2.3). */
  frozenBatchNorm: v.picklist(['loaded', 'batch']),
  /** When a checkpoint is written. Recipes of before had no such field. */
  checkpoints: v.optional(CheckpointSettingsSchema, CHECKPOINTS),
  /** Ends the run when the validation loss has not fallen for `patience` epochs. Absent: off, as in the notebook. */
  earlyStopping: v.optional(v.object({ patience: v.number() })),
  /** Absent: every image counts the same, as in the notebook. */
  classWeights: v.optional(ClassWeightsSchema),
  /** `balanced`: each class is drawn equally often. Absent: every image once an epoch, as in the notebook. */
  sampling: v.optional(v.literal('balanced')),
});

export type Recipe = v.InferOutput<typeof RecipeSchema>;

const OPTIMIZERS: Record<NetworkId, OptimizerSettings> = {
  baseline: { kind: 'adam', learningRate: 2e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  vgg16: { kind: 'adam', learningRate: 1e-6, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  inceptionv3: { kind: 'adam', learningRate: 1e-6, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  densenet121: { kind: 'sgd', learningRate: 1e-3, momentum: 0 },
};

/** The notebook's recipe for one network. */
export function notebookRecipe(network: NetworkId): Recipe {
  return {
    network,
    epochs: 15,
    batchSize: 32,
    inputSize: NETWORKS[network].nativeInputSize,
    seed: 1,
    interpolation: 'nearest',
    optimizer: { ...OPTIMIZERS[network] },
    augmentation: {
      rotationDegrees: 25,
      heightShift: 0.3,
      widthShift: 0.3,
      zoom: 0.2,
      horizontalFlip: true,
      noiseDeviation: 50,
      clip: false,
    },
    startFromRandomWeights: false,
    frozenBatchNorm: 'loaded',
    checkpoints: { ...CHECKPOINTS },
  };
}

/** True when a run of this recipe begins with the pretrained file of its network. */
export function startsFromFile({ network, startFromRandomWeights }: Recipe): boolean {
  return NETWORKS[network].pretrained && !startFromRandomWeights;
}

export interface NumberBounds {
  label: string;
  min: number;
  max: number;
  whole: boolean;
  unit: string | null;
}

/** Bounds of every number field, by the path of the field inside a recipe. */
export const RECIPE_BOUNDS = {
  epochs: { label: 'Epochs', min: 1, max: 1000, whole: true, unit: null },
  batchSize: { label: 'Batch size', min: 1, max: MOST_BATCH, whole: true, unit: 'images' },
  inputSize: { label: 'Input size', min: 3, max: MOST_SIDE, whole: true, unit: 'px' },
  seed: { label: 'Seed', min: 0, max: 2 ** 31 - 1, whole: true, unit: null },
  learningRate: { label: 'Learning rate', min: 1e-10, max: 10, whole: false, unit: null },
  momentum: { label: 'Momentum', min: 0, max: 0.9999, whole: false, unit: null },
  beta1: { label: 'Beta 1', min: 0, max: 0.999999, whole: false, unit: null },
  beta2: { label: 'Beta 2', min: 0, max: 0.9999999, whole: false, unit: null },
  epsilon: { label: 'Epsilon', min: 1e-12, max: 1, whole: false, unit: null },
  rotationDegrees: { label: 'Rotation', min: 0, max: 180, whole: false, unit: '±°' },
  heightShift: { label: 'Vertical shift', min: 0, max: 1, whole: false, unit: '± of height' },
  widthShift: { label: 'Horizontal shift', min: 0, max: 1, whole: false, unit: '± of width' },
  zoom: { label: 'Zoom', min: 0, max: 0.9, whole: false, unit: '1 ±' },
  noiseDeviation: { label: 'Noise', min: 0, max: 255, whole: false, unit: 'grey levels' },
  everyEpochs: { label: 'Checkpoint epochs', min: 1, max: 1000, whole: true, unit: 'from one to the next' },
  everyMinutes: { label: 'Checkpoint minutes', min: 1, max: 1440, whole: false, unit: 'within an epoch' },
  patience: { label: 'Early stopping patience', min: 1, max: 1000, whole: true, unit: 'epochs' },
  classWeight: { label: 'Class weight', min: 0.001, max: 1000, whole: false, unit: null },
} satisfies Record<string, NumberBounds>;

export type BoundedField = keyof typeof RECIPE_BOUNDS;

/** A field that can be wrong: a number, or a choice that does not go with the dataset. */
export type RecipeField = BoundedField | 'classWeights' | 'sampling';

export interface FieldError {
  field: RecipeField;
  sentence: string;
}

/**
 * The sentence for one number, or null when it is fine.
 * @param name where the field's own label does not say enough.
 */
export function checkNumber(field: BoundedField, value: number | null, name?: string): FieldError | null {
  const { label: ownLabel, min, max, whole }: NumberBounds = RECIPE_BOUNDS[field];
  const label = name ?? ownLabel;
  const range = `between ${readable(min)} and ${readable(max)}`;
  if (value === null || !Number.isFinite(value)) return { field, sentence: `${label} must be a number ${range}.` };
  if (value < min || value > max) return { field, sentence: `${label} must be ${range}; ${value} is outside.` };
  if (whole && !Number.isInteger(value)) return { field, sentence: `${label} must be a whole number ${range}.` };
  return null;
}

/** 1000 as 1,000 but 1e-10 as it is: rounding it for the eye would make it 0. */
function readable(value: number): string {
  return Math.abs(value) >= 0.001 ? value.toLocaleString('en', { maximumFractionDigits: 7 }) : String(value);
}

/** Everything that keeps a recipe from being trained on a dataset, one sentence per field. */
export function checkRecipe(recipe: Recipe, dataset: DatasetSummary): FieldError[] {
  const { optimizer, augmentation, checkpoints } = recipe;
  const optimizerNumbers: [BoundedField, number][] =
    optimizer.kind === 'adam'
      ? [
          ['learningRate', optimizer.learningRate],
          ['beta1', optimizer.beta1],
          ['beta2', optimizer.beta2],
          ['epsilon', optimizer.epsilon],
        ]
      : [
          ['learningRate', optimizer.learningRate],
          ['momentum', optimizer.momentum],
        ];
  const numbers: [BoundedField, number][] = [
    ['epochs', recipe.epochs],
    ['batchSize', recipe.batchSize],
    ['inputSize', recipe.inputSize],
    ['seed', recipe.seed],
    ...optimizerNumbers,
    ['rotationDegrees', augmentation.rotationDegrees],
    ['heightShift', augmentation.heightShift],
    ['widthShift', augmentation.widthShift],
    ['zoom', augmentation.zoom],
    ['noiseDeviation', augmentation.noiseDeviation],
    ['everyEpochs', checkpoints.everyEpochs],
    ['everyMinutes', checkpoints.everyMinutes],
  ];
  const errors = numbers.map(([field, value]) => checkNumber(field, value)).filter((error) => error !== null);

  const { name, minInputSize } = NETWORKS[recipe.network];
  if (recipe.inputSize < minInputSize) {
    const sentence = `Input size must be at least ${minInputSize} pixels for ${name}; ${recipe.inputSize} is too small.`;
    errors.push({ field: 'inputSize', sentence });
  }
  const trainingCount = countImages(dataset, 'train');
  if (recipe.batchSize > trainingCount) {
    const sentence = `Batch size ${recipe.batchSize} is larger than the training set of ${trainingCount} images; choose ${trainingCount} or less.`;
    errors.push({ field: 'batchSize', sentence });
  }
  return [...errors, ...checkValidation(recipe, dataset), ...checkClasses(recipe, dataset)];
}

function checkValidation({ earlyStopping }: Recipe, dataset: DatasetSummary): FieldError[] {
  if (!earlyStopping) return [];
  const wrong = checkNumber('patience', earlyStopping.patience);
  if (wrong) return [wrong];
  if (countImages(dataset, 'validation') > 0) return [];
  const sentence = `Early stopping watches the validation loss, and ${dataset.name} has no validation images. Leave it off.`;
  return [{ field: 'patience', sentence }];
}

function checkClasses({ classWeights, sampling }: Recipe, { classNames, classCounts }: DatasetSummary): FieldError[] {
  const errors: FieldError[] = [];
  const empty = classNames.filter((_, index) => classCounts[index].train === 0);
  const without = `images of every class in the training split, and there is none of ${empty.join(', ')}`;
  if (sampling === 'balanced' && empty.length > 0) {
    errors.push({ field: 'sampling', sentence: `Balanced sampling needs ${without}.` });
  }
  if (classWeights?.kind === 'balanced' && empty.length > 0) {
    errors.push({ field: 'classWeights', sentence: `Balanced class weights need ${without}.` });
  }
  if (classWeights?.kind !== 'own') return errors;
  const named = classWeights.weights.map(({ className }) => className);
  if (named.toSorted().join('\n') !== classNames.toSorted().join('\n')) {
    const sentence = `The class weights are those of ${named.join(', ')}, and the classes are ${classNames.join(', ')}. Choose the class weights anew.`;
    return [...errors, { field: 'classWeights', sentence }];
  }
  const wrong = classWeights.weights.map(({ className, weight }) =>
    checkNumber('classWeight', weight, `Weight of ${className}`),
  );
  return [...errors, ...wrong.filter((error) => error !== null)];
}
