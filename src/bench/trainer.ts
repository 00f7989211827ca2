/** @file What both sides of a comparison offer: one training step at a time. */

import type { PixelBatch } from '../domain/dataset';
import type { Recipe } from '../domain/recipe';

export interface Trainer {
  /** Mean loss of the task's images as they are, in training mode; no weight is updated. */
  firstLoss(): Promise<number>;
  /** Trains one more batch. @returns the newest mean loss that has been read back. */
  step(): Promise<number>;
  dispose(): Promise<void>;
}

export interface Task {
  recipe: Recipe;
  classCount: number;
  /** The same bytes at every step: where they come from is not measured. */
  pixels: PixelBatch;
  /** Class indices of the batch. */
  labels: number[];
}
