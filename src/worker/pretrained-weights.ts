/** @file From a Keras file, dropped or downloaded, to the weights of a network: check, keep, and fill. */

import { StudioError } from '../domain/failure';
import { NETWORKS, type NetworkId } from '../domain/network';
import type { RunRequest, TransferProgress, WeightsStatus } from '../domain/protocol';
import type { RunRecord } from '../domain/run';
import { buildNetwork } from '../networks/build-network';
import { initializeWeights } from '../networks/initialize';
import type { Network } from '../networks/network';
import type { PretrainedStore } from '../storage/pretrained-store';
import { PRETRAINED_FILES, type PretrainedFile, pretrainedFileOf } from '../weights/catalogue';
import { type MatchedWeights, matchWeights } from '../weights/match-weights';
import { openKerasFile } from '../weights/open-keras-file';
import { downloadWeights, isOfficial } from './download-weights';

export async function listWeights(store: PretrainedStore): Promise<WeightsStatus[]> {
  const wanted = PRETRAINED_FILES.filter(({ network }) => NETWORKS[network].pretrained);
  return Promise.all(
    wanted.map(async ({ network, fileName, url }) => ({ network, fileName, url, present: await store.has(fileName) })),
  );
}

/**
 * Fetches a network's official file and keeps it.
 * @throws {StudioError} as {@link downloadWeights}; `bad-input` when Keras publishes none.
 */
export async function fetchWeights(
  store: PretrainedStore,
  network: NetworkId,
  onProgress: (progress: TransferProgress) => void,
): Promise<WeightsStatus> {
  const pretrained = pretrainedFileOf(network);
  if (!pretrained) throw new StudioError('bad-input', `There are no pretrained weights of ${NETWORKS[network].name}.`);
  await downloadWeights(store, pretrained, onProgress);
  const { fileName, url } = pretrained;
  return { network, fileName, url, present: true };
}

/**
 * Checks a file against the network it is for and keeps a copy.
 * @throws {StudioError} bad-weights, saying for every network what does not fit; what was kept before is kept.
 */
export async function importWeights(store: PretrainedStore, file: File): Promise<WeightsStatus> {
  const { network, fileName, url } = await recognise(file);
  await store.save(fileName, file);
  return { network, fileName, url, present: true };
}

/**
 * Fills every weight of a network for a run.
 * @throws {StudioError} missing-weights when the recipe wants a pretrained file that is not there.
 */
export async function fillWeights(
  store: PretrainedStore,
  network: Network,
  { recipe }: RunRequest,
): Promise<RunRecord['weightsOrigin']> {
  const pretrained = pretrainedFileOf(recipe.network);
  if (!pretrained || !NETWORKS[recipe.network].pretrained || recipe.startFromRandomWeights) {
    initializeWeights(network, recipe.seed);
    return 'random';
  }
  const file = await store.open(pretrained.fileName);
  if (!file) throw new StudioError('missing-weights', missingSentence(pretrained));
  const matched = await match(file, recipe.network, network);
  try {
    for (const { spec, read } of matched.weights) network.loadWeight(spec, await read());
  } finally {
    matched.close();
  }
  const loaded = new Set(matched.weights.map(({ spec }) => spec));
  initializeWeights(network, recipe.seed, (spec) => !loaded.has(spec));
  return (await isOfficial(file, pretrained)) ? 'imagenet' : 'file';
}

/** A file named as an official one is only held against that network, so that the sentence speaks of that one. */
async function recognise(file: File): Promise<PretrainedFile> {
  const named = PRETRAINED_FILES.find(({ fileName }) => fileName === file.name);
  const candidates = named ? [named] : PRETRAINED_FILES;
  const sentences: string[] = [];
  for (const candidate of candidates) {
    const { minInputSize } = NETWORKS[candidate.network];
    const skeleton = baseSpecs(candidate.network, minInputSize);
    try {
      matchWeights(skeleton, await openKerasFile(file), NETWORKS[candidate.network].name).close();
      return candidate;
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      if (!sentences.includes(error.message)) sentences.push(error.message);
    }
  }
  throw new StudioError('bad-weights', sentences.join(' '));
}

async function match(file: File, id: NetworkId, network: Network): Promise<MatchedWeights> {
  const base = network.graph.layers.filter(({ part }) => part === 'base');
  return matchWeights(
    base.flatMap(({ weights }) => weights),
    await openKerasFile(file),
    NETWORKS[id].name,
  );
}

function baseSpecs(id: NetworkId, inputSize: number) {
  const { layers } = buildNetwork(id, inputSize, 2);
  return layers.filter(({ part }) => part === 'base').flatMap(({ weights }) => weights);
}

function missingSentence({ network, fileName, url }: PretrainedFile): string {
  return `${NETWORKS[network].name} needs Keras' ImageNet weights. Download ${fileName} on the training desk, or get it from ${url} and drop it there, or switch on “Start from random weights”.`;
}
