import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { LoadedNetworks } from './loaded-networks';

/** Weights of the baseline at 8 pixels and two classes. */
const BYTES = 4 * (3 * 3 * 3 * 11 + 11 + 6 * 6 * 11 * 2 + 2);

async function load(): Promise<Network> {
  const network = new Network(buildNetwork('baseline', 8, 2));
  initializeWeights(network, 1);
  return network;
}

describe('LoadedNetworks', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('loads a run once for each of its two sets of weights', async () => {
    const networks = new LoadedNetworks();
    const loader = vi.fn(load);
    const first = await networks.get('a', 'last', BYTES, loader);
    expect(await networks.get('a', 'last', BYTES, loader)).toBe(first);
    expect(await networks.get('a', 'best', BYTES, loader)).not.toBe(first);
    expect(loader).toHaveBeenCalledTimes(2);
    expect(networks.bytes).toBe(2 * BYTES);
    networks.clear();
  });

  it('frees the one unused for longest when the bound is passed, and keeps one that is larger than the bound', async () => {
    const before = tf.memory().numTensors;
    const networks = new LoadedNetworks(2 * BYTES);
    const loader = vi.fn(load);
    for (const runId of ['a', 'b', 'a', 'c', 'a']) await networks.get(runId, 'last', BYTES, loader);
    expect(loader).toHaveBeenCalledTimes(3);
    await networks.get('b', 'last', BYTES, loader);
    expect(loader).toHaveBeenCalledTimes(4);
    expect(networks.bytes).toBe(2 * BYTES);
    networks.clear();

    const small = new LoadedNetworks(1);
    await small.get('a', 'last', BYTES, loader);
    expect(small.bytes).toBe(BYTES);
    await small.get('b', 'last', BYTES, loader);
    expect(small.bytes).toBe(BYTES);
    small.drop('b');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('makes room before it loads, so that the bound holds meanwhile too', async () => {
    const before = tf.memory().numTensors;
    const networks = new LoadedNetworks(BYTES);
    await networks.get('a', 'last', BYTES, load);
    await networks.get('b', 'last', BYTES, () => {
      expect(tf.memory().numTensors).toBe(before);
      return load();
    });
    networks.clear();
  });

  it('holds nothing of a network that could not be loaded', async () => {
    const networks = new LoadedNetworks();
    await expect(networks.get('a', 'last', BYTES, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(networks.bytes).toBe(0);
  });
});
