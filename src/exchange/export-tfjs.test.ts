import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { weightSpecs } from '../architectures/graph';
import { planInference } from '../architectures/plan';
import { RandomStream } from '../base/random';
import { sizeOf, weightKey } from '../domain/architecture';
import type { InputScaling } from '../domain/input-scaling';
import type { NetworkId } from '../domain/network';
import { forward, releasePass } from '../networks/execute';
import { Network } from '../networks/network';
import { exportTfjs } from './export-tfjs';
import { kerasModelOf } from './keras-config';
import { openZipEntry, readZipDirectory } from './zip-directory';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Every weight its own numbers, so that none can stand in for another. */
function randomNetwork(id: NetworkId, inputSize: number): Network {
  const network = new Network(buildNetwork(id, inputSize, 3));
  for (const spec of weightSpecs(network.graph)) {
    const stream = RandomStream.named(3, weightKey(spec));
    const centre = spec.name === 'gamma' || spec.name === 'moving_variance' ? 1 : 0;
    const reach = spec.name === 'kernel' ? Math.sqrt(6 / sizeOf(spec.shape.slice(0, -1))) : 0.2;
    const values = Float32Array.from({ length: sizeOf(spec.shape) }, () => centre + stream.between(-reach, reach));
    network.loadWeight(spec, values);
  }
  return network;
}

async function exportToZip(network: Network, scaling?: InputScaling): Promise<File> {
  const bytes = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [spec] of network.entries()) {
    bytes.set(weightKey(spec), new Uint8Array(Float32Array.from(await network.weight(spec).data()).buffer));
  }
  const source = {
    read: async (key: string, start: number, length: number) => {
      return (bytes.get(key) ?? new Uint8Array()).slice(start, start + length);
    },
  };
  const exported = exportTfjs(kerasModelOf(network.graph, scaling), source);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of exported.pieces()) pieces.push(piece);
  const file = new File(pieces, 'model.zip');
  expect(file.size).toBe(exported.sizeBytes);
  return file;
}

/** As a web server would hand the unpacked files to `tf.loadLayersModel`: the manifest names the shards. */
async function openArtifacts(zip: File): Promise<tf.io.IOHandler> {
  const files = new Map<string, Blob>();
  for (const entry of await readZipDirectory(zip)) files.set(entry.name, await openZipEntry(zip, entry));
  const json: tf.io.ModelJSON = JSON.parse((await files.get('model.json')?.text()) ?? '');
  return {
    load: () =>
      tf.io.getModelArtifactsForJSON(json, async (manifest) => {
        const shards = manifest.flatMap(({ paths }) => paths.map((path) => files.get(path) ?? new Blob()));
        return [manifest.flatMap(({ weights }) => weights), await new Blob(shards).arrayBuffer()];
      }),
  };
}

it.each<[NetworkId, number]>([
  ['baseline', 32],
  ['densenet121', 32],
])(
  'tf.loadLayersModel reads %s and predicts the same',
  async (id, inputSize) => {
    const network = randomNetwork(id, inputSize);
    const zip = await exportToZip(network);
    const model = await tf.loadLayersModel(await openArtifacts(zip));
    expect(model.layers.map(({ name }) => name)).toEqual(network.graph.layers.map(({ name }) => name));

    const x = tf.randomUniform<tf.Rank.R4>([2, inputSize, inputSize, 3], 0, 1, 'float32', 5);
    const pass = forward(network, planInference(network.graph), x, { training: false });
    const ours = tf.softmax(pass.logits);
    const theirs = model.predict(x) as tf.Tensor;
    const [a, b] = await Promise.all([ours.data(), theirs.data()]);
    expect(Math.max(...a) - Math.min(...a)).toBeGreaterThan(0.01);
    for (const [i, value] of a.entries()) expect(Math.abs(value - b[i])).toBeLessThan(1e-5);
    releasePass(pass);
    tf.dispose([x, ours, theirs]);
    network.dispose();
    model.dispose();
  },
  60_000,
);

it('writes the scaling of the input as a layer, so that pixels divided by 255 still go in', async () => {
  const network = randomNetwork('baseline', 32);
  const zip = await exportToZip(network, { scale: [1 / 127.5], offset: [-1] });
  const model = await tf.loadLayersModel(await openArtifacts(zip));
  const x = tf.randomUniform<tf.Rank.R4>([2, 32, 32, 3], 0, 1, 'float32', 5);
  const scaled = tf.tidy(() => x.mul(2).sub(1));
  const pass = forward(network, planInference(network.graph), scaled, { training: false });
  const ours = tf.softmax(pass.logits);
  const theirs = model.predict(x) as tf.Tensor;
  const [a, b] = await Promise.all([ours.data(), theirs.data()]);
  for (const [i, value] of a.entries()) expect(Math.abs(value - b[i])).toBeLessThan(1e-5);
  releasePass(pass);
  tf.dispose([x, scaled, ours, theirs]);
  network.dispose();
  model.dispose();
});

it('refuses a scaling of each channel, which TensorFlow.js has no layer for', async () => {
  const network = randomNetwork('baseline', 32);
  const outcome = exportToZip(network, { scale: [0.5, 0.25, 0.125], offset: [0] });
  await expect(outcome).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('as a Keras file'),
  });
  network.dispose();
});
