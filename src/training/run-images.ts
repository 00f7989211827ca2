/** @file The images of a run's dataset: held open during the run, listed by split, read as pixels. */

import type { DatasetImage, DatasetSummary, PixelBatch } from '../domain/dataset';
import { unwrap } from '../domain/failure';
import type { PixelSource } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import { requireLabels } from './require-labels';

/** One run's hold on its dataset. */
export class RunImages {
  private constructor(
    private readonly pixels: PixelSource,
    private readonly datasetId: string,
    private readonly holder: string,
    private readonly recipe: Recipe,
    private readonly images: readonly DatasetImage[],
  ) {}

  /**
   * @param holder the run's id.
   * @throws {StudioError} `not-found` when the dataset is no longer open, `bad-input` when an image has a class that it has not.
   */
  static async hold(pixels: PixelSource, dataset: DatasetSummary, holder: string, recipe: Recipe): Promise<RunImages> {
    unwrap(await pixels.holdDataset(dataset.id, holder));
    try {
      const images = unwrap(await pixels.listImages(dataset.id));
      requireLabels(images, dataset);
      return new RunImages(pixels, dataset.id, holder, recipe, images);
    } catch (error) {
      await pixels.releaseDataset(dataset.id, holder);
      throw error;
    }
  }

  async release(): Promise<void> {
    await this.pixels.releaseDataset(this.datasetId, this.holder);
  }

  of(split: DatasetImage['split']): DatasetImage[] {
    return this.images.filter((image) => image.split === split);
  }

  /** At the size and by the interpolation of the recipe. */
  readonly read = async (images: DatasetImage[]): Promise<PixelBatch> => {
    const { inputSize: size, interpolation } = this.recipe;
    const paths = images.map(({ path }) => path);
    return unwrap(await this.pixels.readPixels({ datasetId: this.datasetId, paths, size, interpolation }));
  };
}
