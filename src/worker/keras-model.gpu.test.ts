import * as Comlink from 'comlink';
import { afterAll, describe, expect, it } from 'vitest';
import { unwrap } from '../domain/failure';
import type { ModelReading } from '../domain/model-reading';
import type { NetworkId } from '../domain/network';
import type { KerasModelTestApi } from './keras-model.test-worker';

const worker = new Worker(new URL('./keras-model.test-worker.ts', import.meta.url), { type: 'module' });
const api = Comlink.wrap<KerasModelTestApi>(worker);

afterAll(() => worker.terminate());

/** Small inputs. VGG16 goes both ways in e2e/reference/roundtrip.py. */
/** Files of real Keras without their numbers, by e2e/reference/roundtrip_fixtures.py. */
const HOLLOW: [name: string, network: NetworkId, inputSize: ModelReading['inputSize'], weights: number][] = [
  ['vgg16-keras2-model.h5', 'vgg16', { kind: 'stated', size: 64 }, 32],
  ['vgg16-keras2.weights.h5', 'vgg16', { kind: 'asked', min: 64, max: 95 }, 32],
  ['vgg16-keras3-model.h5', 'vgg16', { kind: 'stated', size: 64 }, 32],
  ['vgg16-keras3.weights.h5', 'vgg16', { kind: 'asked', min: 64, max: 95 }, 32],
  ['inceptionv3-keras2-model.h5', 'inceptionv3', { kind: 'stated', size: 75 }, 380],
  ['inceptionv3-keras2.weights.h5', 'inceptionv3', { kind: 'asked', min: 75, max: 106 }, 380],
  ['inceptionv3-keras3-model.h5', 'inceptionv3', { kind: 'stated', size: 75 }, 380],
  ['inceptionv3-keras3.weights.h5', 'inceptionv3', { kind: 'asked', min: 75, max: 106 }, 380],
  ['densenet121-keras2-model.h5', 'densenet121', { kind: 'stated', size: 64 }, 606],
  // A file of weights alone does not state the input size of a network that ends in global pooling.
  ['densenet121-keras2.weights.h5', 'densenet121', { kind: 'asked', min: 32, max: 1024 }, 606],
  ['densenet121-keras3-model.h5', 'densenet121', { kind: 'stated', size: 64 }, 606],
  ['densenet121-keras3.weights.h5', 'densenet121', { kind: 'asked', min: 32, max: 1024 }, 606],
];

/** VGG16's files and one of each of the two large networks stay in the quick run. */
const isLong = (name: string) => !/^vgg16|inceptionv3-keras3-model|densenet121-keras2[.]weights/.test(name);
const QUICK = HOLLOW.filter(([name]) => !isLong(name));
const LONG = HOLLOW.filter(([name]) => isLong(name));

async function hollow(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await (await fetch(new URL(`./fixtures/${name}.gzip`, import.meta.url))).blob();
  const unpacked = packed.stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

describe('a run exported as a Keras file', () => {
  const comesBack = async (id: NetworkId, inputSize: number) => {
    const { record, predictions, isStored, differing, tensors } = await api.roundTrip(id, inputSize);
    expect(differing).toEqual([]);
    expect(record).toMatchObject({ status: 'finished', weightsOrigin: 'file', epochs: [] });
    expect(record.recipe).toMatchObject({ network: id, inputSize });
    expect(predictions.last?.[0].probabilities).toHaveLength(3);
    expect(isStored).toBe(true);
    expect(tensors).toBe(0);
  };
  it('is imported again with every weight the same: baseline', () => comesBack('baseline', 20));
  it('is imported again with every weight the same: densenet121', { tags: 'long' }, () => comesBack('densenet121', 32));

  // Its file is 100 MB even at its smallest.
  it('is imported again with every weight the same: inceptionv3', { tags: 'long' }, async () => {
    const { predictions, isStored, differing, tensors } = await api.roundTrip('inceptionv3', 75);
    expect(differing).toEqual([]);
    expect(predictions.last?.[0].probabilities).toHaveLength(3);
    expect({ isStored, tensors }).toEqual({ isStored: true, tensors: 0 });
  });

  it('reports progress to its end', async () => {
    const { file, lastProgress } = await api.exportRun('baseline', 20, 'keras-h5');
    expect(lastProgress).toBe(1);
    expect(file.name).toBe('baseline-last.h5');
  });
});

describe('a whole model of real Keras', () => {
  const isRecognised = async (...[name, network, inputSize, weights]: (typeof HOLLOW)[number]) => {
    expect(unwrap(await api.identify(await hollow(name), name))).toEqual({ network, inputSize, weights });
  };
  it.each(QUICK)('%s is recognised and every weight found', isRecognised);
  it.each(LONG)('%s is recognised and every weight found', { tags: 'long' }, isRecognised);

  const startsTraining = async (name: string, network: NetworkId) => {
    expect(unwrap(await api.importWeights(await hollow(name), name))).toMatchObject({ network, present: true });
  };
  const givesStart = '%s gives starting weights too, its head left out';
  it.each(HOLLOW.slice(0, 1))(givesStart, startsTraining);
  it.each(HOLLOW.slice(1))(givesStart, { tags: 'long' }, startsTraining);

  it('is refused for another number of classes, and nothing stays behind', async () => {
    const bytes = await hollow('vgg16-keras3-model.h5');
    const outcome = await api.importModel(bytes, 'trained.h5', ['A', 'B']);
    expect(outcome.ok ? '' : outcome.failure.sentence).toBe(
      'trained.h5 has 3 classes, and the open dataset has 2: A, B.',
    );
    expect(await api.listRuns()).not.toContain('refused');
    expect(await api.listCheckpoints()).not.toContain('refused');
  });
});
