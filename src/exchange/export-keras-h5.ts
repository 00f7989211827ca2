/**
 * @file A model as Keras' `model.save('x.h5')` writes it: `keras.models.load_model` reads it, and so does `load_weights`.
 *
 * Layout: keras-h5.ts. The configuration is a string of its own in the global heap, as h5py writes it, since
 * DenseNet121's is longer than the 64 KiB an attribute can hold.
 */

import { type HdfAttribute, type HdfDataset, type HdfGroup, layOutHdf5, newGroup } from './hdf5-writer';
import {
  type ExportedFile,
  KERAS_VERSION,
  type KerasModel,
  readWeights,
  type WeightSource,
  weightsOf,
} from './keras-model';

const VERSION: Record<string, HdfAttribute> = {
  backend: { kind: 'text', text: 'tensorflow' },
  keras_version: { kind: 'text', text: KERAS_VERSION },
};

/** A model as a Keras `.h5` file; its weights are read from `source` as the file is written. */
export function exportKerasH5(model: KerasModel, source: WeightSource): ExportedFile {
  const datasets: HdfDataset[] = [];
  const names: string[] = model.layers.map(({ config }) => config.name);
  const weightsGroup = newGroup({ layer_names: { kind: 'list', texts: names }, ...VERSION });
  for (const { config, weights } of model.layers) {
    const weightNames = weights.map(({ layer, name }) => `${layer}/${name}:0`);
    const group = newGroup({ weight_names: { kind: 'list', texts: weightNames } });
    weightsGroup.children.set(config.name, group);
    if (weights.length === 0) continue;
    const inner: HdfGroup = newGroup();
    group.children.set(config.name, inner);
    for (const { name, shape } of weights) {
      const dataset: HdfDataset = { kind: 'dataset', shape };
      inner.children.set(`${name}:0`, dataset);
      datasets.push(dataset);
    }
  }
  const root = newGroup({ ...VERSION, model_config: { kind: 'long', text: JSON.stringify(model.config) } });
  root.children.set('model_weights', weightsGroup);
  const { head, sizeBytes } = layOutHdf5(root, datasets);
  return {
    sizeBytes,
    async *pieces() {
      yield head;
      yield* readWeights(weightsOf(model), source);
    },
  };
}
