/** @file The configuration of a whole model, as JSON, over sound weights. */

import * as fc from 'fast-check';
import { NETWORKS, type NetworkId } from '../../domain/network';
import { identifyBase, matchBase } from '../../exchange/identify-base';
import type { KerasWeightsFile } from '../../exchange/keras-file';
import { configOf, fileOf, type LayerEntry, layersOf } from '../../exchange/keras-model-test-kit';
import { matchModel, readModel } from '../../exchange/read-model';
import { hostileJson, hostileValue } from '../hostile-json';
import { judge } from '../judge';
import type { FuzzKind } from '../kind';
import { checkReading } from './model-readings';

/** Small, so that their weights take no time; the larger networks seldom, as they have hundreds of layers. */
const SOURCES: { id: NetworkId; size: number; weight: number }[] = [
  { id: 'baseline', size: 20, weight: 8 },
  { id: 'vgg16', size: 32, weight: 4 },
  { id: 'inceptionv3', size: 75, weight: 1 },
  { id: 'densenet121', size: 32, weight: 1 },
];

interface HostileConfiguration {
  id: NetworkId;
  size: number;
  config: unknown;
}

export const kerasConfigurations: FuzzKind<HostileConfiguration> = {
  name: 'keras-configurations',
  quickCount: 20,
  files: async () =>
    fc.oneof(
      ...SOURCES.map(({ id, size, weight }) => ({
        weight,
        arbitrary: hostileConfig(id, size).map((config) => ({ id, size, config })),
      })),
    ),
  read: ({ id, size, config }) =>
    judge(async () => {
      const layers = layersOf(id, size);
      const model = fileOf(config, layers);
      const reading = await readModel(model);
      checkReading(reading);
      const { inputSize } = reading;
      await readSome(matchModel(model, reading, inputSize.kind === 'stated' ? inputSize.size : inputSize.min));
      if (!NETWORKS[id].pretrained) return;
      const base: KerasWeightsFile = fileOf(config, layers);
      await readSome(await matchBase(base, identifyBase(base)));
    }, ['trained.h5']),
  partsOf: ({ config }) => ({ 'config.json': textOf(config) }),
};

/** The first number of each small weight. */
async function readSome({ weights }: ReturnType<typeof matchModel>): Promise<void> {
  for (const { spec, read } of weights) if (spec.shape.length === 1) await read();
}

function hostileConfig(id: NetworkId, size: number): fc.Arbitrary<unknown> {
  const sound = configOf(id, size);
  const inner = { ...structuredClone(sound), name: 'inner' };
  inner.config.name = 'inner';
  const nested = { class_name: 'Sequential', config: { name: 'outer', layers: [inner] } };
  return fc.oneof(
    { weight: 6, arbitrary: hostileJson([sound, nested]) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.nat(2 ** 30), hostileFront).map(([place, layers]) => withFront(sound, place, layers)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...ENDLESS).map((make) => make()) },
    { weight: 1, arbitrary: hostileValue },
  );
}

/** Layers that a person may have put in front of a network, with settings that nobody would. */
const hostileFront = fc.array(
  fc
    .tuple(
      fc.constantFrom(
        'Rescaling',
        'Normalization',
        'Resizing',
        'CenterCrop',
        'Dropout',
        'Reshape',
        'Lambda',
        'InputLayer',
      ),
      fc.dictionary(
        fc.constantFrom('scale', 'offset', 'mean', 'variance', 'height', 'width', 'axis', 'batch_shape', 'invert'),
        hostileValue,
      ),
    )
    .map(([className, settings]): LayerEntry => ({ class_name: className, config: settings })),
  { minLength: 1, maxLength: 4 },
);

function withFront(sound: LayerEntry, place: number, layers: LayerEntry[]): unknown {
  const model = structuredClone(sound);
  const named = layers.map((layer, i) => ({ ...layer, config: { ...layer.config, name: `front_${i}` } }));
  const input = model.config.layers?.[0];
  const front = input ? [input, ...named, { ...model, name: 'inner' }] : named;
  // Now and then without an input of its own.
  return { class_name: 'Sequential', config: { name: 'outer', layers: front.slice(place % 2) } };
}

/** Small texts that stand for much work, or for work without end. */
const ENDLESS: (() => unknown)[] = [
  () => chain(2900, 'Dropout'),
  () => chain(2900, 'Conv2D'),
  () => chain(4000, 'Conv2D'),
  ...[500, 3000, 8000, 20_000, 100_000].map((calls) => () => calledAgain(calls)),
  () => nestedModels(40),
  () => nestedModels(2500),
  () => everyoneReadsAll(120),
  () => everyoneReadsAll(1000),
  () => readsItself(),
];

/** Layer after layer, of one class. */
function chain(length: number, className: string): unknown {
  const layers: LayerEntry[] = Array.from({ length }, (_, i) => ({
    class_name: i === 0 ? 'InputLayer' : className,
    name: `l${i}`,
    config: { name: `l${i}`, batch_shape: [null, 20, 20, 3] },
    inbound_nodes: i === 0 ? [] : [[[`l${i - 1}`, 0, 0, {}]]],
  }));
  return functional(layers, `l${length - 1}`);
}

/** One layer that is called on its own result. */
function calledAgain(calls: number): unknown {
  const input: LayerEntry = {
    class_name: 'InputLayer',
    config: { name: 'in', batch_shape: [null, 20, 20, 3] },
    inbound_nodes: [],
  };
  const inbound = Array.from({ length: calls }, (_, i) => [[i === 0 ? 'in' : 'again', Math.max(0, i - 1), 0, {}]]);
  const again: LayerEntry = { class_name: 'ReLU', config: { name: 'again' }, inbound_nodes: inbound };
  const model = functional([input, again], 'again');
  model.config.output_layers = [['again', calls - 1, 0]];
  return model;
}

/** A layer reads all that stand before it, so that there are more ways through the model than can be counted. */
function everyoneReadsAll(count: number): unknown {
  const layers: LayerEntry[] = Array.from({ length: count }, (_, i) => ({
    class_name: i === 0 ? 'InputLayer' : 'Concatenate',
    config: { name: `l${i}`, batch_shape: [null, 20, 20, 3] },
    inbound_nodes: i === 0 ? [] : [Array.from({ length: i }, (_, j) => [`l${j}`, 0, 0, {}])],
  }));
  return functional(layers, `l${count - 1}`);
}

function readsItself(): unknown {
  return functional([{ class_name: 'ReLU', config: { name: 'self' }, inbound_nodes: [[['self', 0, 0, {}]]] }], 'self');
}

function nestedModels(depth: number): unknown {
  let model: LayerEntry = {
    class_name: 'Sequential',
    config: { name: 'm', layers: [{ class_name: 'Flatten', config: { name: 'f' } }] },
  };
  for (let i = 0; i < depth; i += 1) model = { class_name: 'Sequential', config: { name: `m${i}`, layers: [model] } };
  return model;
}

function functional(layers: LayerEntry[], output: string) {
  const first = layers[0].config.name;
  const config: Record<string, unknown> = {
    name: 'm',
    layers,
    input_layers: [[first, 0, 0]],
    output_layers: [[output, 0, 0]],
  };
  return { class_name: 'Functional', config };
}

/** For whoever looks into a failure; what JSON cannot hold is left out. */
function textOf(config: unknown): Uint8Array {
  try {
    return new TextEncoder().encode(JSON.stringify(config) ?? '');
  } catch {
    return new TextEncoder().encode('"nested too deep to be written"');
  }
}
