/**
 * @file The HDF5 layout of Keras 3, as `save_weights('x.weights.h5')` writes it and as it lies inside a `.keras` file.
 *
 * Each layer is a group `layers/<class>_<n>`, numbered by class in the model's order, with its weights in `vars/0`,
 * `vars/1` and so on in the order Keras keeps them; a model used as a layer has a `layers` of its own. From Keras 3.6 on
 * `vars` carries the layer's name as an attribute. Sources: `_save_state` and `H5IOStore` in keras/src/saving/saving_lib.py.
 */

import { nextTask } from '../base/next-task';
import { StudioError } from '../domain/failure';
import type { Hdf5Reader } from './hdf5-reader';
import type { KerasLayer, KerasWeight, KerasWeightsFile } from './keras-file';
import { parseWeightName } from './keras-weight-name';

/** Keras 2.12 had the second name. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies'];

/** Deeper than any model nests; a file may link a group into itself. */
const MAX_DEPTH = 6;
const MAX_GROUPS = 20_000;

/** The weights of the classes that Thorax' networks have, by how many there are. */
const VARIABLES: Record<string, readonly (readonly string[])[]> = {
  conv2d: [['kernel'], ['kernel', 'bias']],
  dense: [['kernel'], ['kernel', 'bias']],
  batch_normalization: [
    ['beta', 'moving_mean', 'moving_variance'],
    ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  ],
  normalization: [['mean', 'variance', 'count']],
};

interface FoundLayer extends KerasLayer {
  /** The name it had in the model, where the file states it. */
  ownName: string | null;
}

/** True when the file has the group in which Keras 3 keeps layers. */
export function isKeras3Layout(reader: Hdf5Reader): boolean {
  const children = reader.childNames('/');
  return CONTAINERS.some((name) => children.includes(name));
}

/**
 * The layers of a file, models flattened, and whether they have names of their own. Between two layers the worker's other tasks
 * have their turn, so that a file that is read slowly is not taken for one that is read for ever.
 * @throws {StudioError} `bad-weights` when a group cannot be read or the file nests without end.
 */
export async function readKeras3Layers(
  reader: Hdf5Reader,
): Promise<Pick<KerasWeightsFile, 'layers' | 'namedBy' | 'layout'>> {
  const found = await new Walk(reader).layersOf('', '', 0);
  const weighted = found.filter(({ weights }) => weights.length > 0);
  if (weighted.some(({ ownName }) => ownName === null)) return { layers: found, namedBy: 'class', layout: 'keras3' };
  const names = found.map(({ ownName, name }) => ownName ?? name);
  const isUnique = (name: string) => names.indexOf(name) === names.lastIndexOf(name);
  const layers = found.map(({ name, path, weights }, i) => ({
    name: isUnique(names[i]) ? names[i] : name,
    path,
    weights,
  }));
  return { layers, namedBy: 'layer', layout: 'keras3' };
}

class Walk {
  private groups = 0;

  constructor(private readonly reader: Hdf5Reader) {}

  /** Models first, since heads stand on them; then by class and number. */
  async layersOf(group: string, label: string, depth: number): Promise<FoundLayer[]> {
    const { reader } = this;
    const container = CONTAINERS.find((name) => this.list(group || '/').includes(name));
    if (!container) return [];
    if (depth >= MAX_DEPTH) throw this.endless();
    const models: FoundLayer[] = [];
    const layers: FoundLayer[] = [];
    for (const child of this.list(`${group}/${container}`).sort(byClassAndNumber)) {
      await nextTask();
      const path = `${group}/${container}/${child}`;
      const name = label ? `${label}/${child}` : child;
      const inner = this.list(path);
      if (CONTAINERS.some((candidate) => inner.includes(candidate))) {
        for (const layer of await this.layersOf(path, name, depth + 1)) models.push(layer);
      } else if (inner.includes('vars')) {
        const ownName = reader.attributeNames(`${path}/vars`).includes('name')
          ? (reader.readStrings(`${path}/vars`, 'name')[0] ?? null)
          : null;
        layers.push({ name, path: name.split('/'), ownName, weights: this.weightsOf(`${path}/vars`, classOf(child)) });
      }
    }
    return [...models, ...layers];
  }

  private weightsOf(path: string, className: string): KerasWeight[] {
    const children = this.list(path).sort((a, b) => Number(a) - Number(b));
    const meanings = VARIABLES[className]?.find(({ length }) => length === children.length);
    return children.map((child, i) => {
      const at = `${path}/${child}`;
      const name = meanings ? meanings[i] : `vars/${child}`;
      const shape = parseWeightName(name) === null ? this.reader.readAnyShape(at) : this.reader.readShape(at);
      return { name, shape, pieces: () => this.reader.readPieces(at) };
    });
  }

  private list(path: string): string[] {
    this.groups += 1;
    if (this.groups > MAX_GROUPS) throw this.endless();
    return this.reader.childNames(path);
  }

  private endless(): StudioError {
    return new StudioError('bad-weights', `${this.reader.fileName} cannot be used: its groups nest without end.`);
  }
}

function classOf(group: string): string {
  return group.replace(/_\d+$/, '');
}

function byClassAndNumber(a: string, b: string): number {
  const number = (name: string) => Number(/_(\d+)$/.exec(name)?.[1] ?? 0);
  return classOf(a).localeCompare(classOf(b)) || number(a) - number(b);
}
