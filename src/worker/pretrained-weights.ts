/** @file From a Keras file, dropped or downloaded, to the weights of a network: check, keep, and fill. */

import { buildNetwork } from '../architectures/build-network';
import type { Graph } from '../architectures/graph';
import type { WeightSpec } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import { NETWORKS, type NetworkId } from '../domain/network';
import type { RunRequest, TransferProgress, WeightsStatus } from '../domain/protocol';
import { startsFromFile } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { PRETRAINED_FILES, type PretrainedFile, pretrainedFileOf } from '../exchange/catalogue';
import { closestNetwork } from '../exchange/closest-network';
import { type MatchedWeights, matchWeights } from '../exchange/match-weights';
import { openKerasFile } from '../exchange/open-keras-file';
import { initializeWeights } from '../networks/initialize';
import type { Network } from '../networks/network';
import type { PretrainedStore } from '../storage/pretrained-store';
import { downloadWeights, isOfficial } from './download-weights';

/** Of every network that starts from a file, and of any other whose file is kept: it can be removed. */
export async function listWeights(store: PretrainedStore): Promise<WeightsStatus[]> {
  const statuses = await Promise.all(PRETRAINED_FILES.map((file) => statusOf(store, file)));
  return statuses.filter(({ network, present }) => present || NETWORKS[network].pretrained);
}

async function statusOf(store: PretrainedStore, pretrained: PretrainedFile): Promise<WeightsStatus> {
  const { network, fileName, url } = pretrained;
  const kept = await store.describe(fileName);
  if (!kept) return { network, fileName, url, present: false };
  // Of files kept before it was recorded the length tells it: hardly another file of these layers has the official one's.
  const official = kept.official ?? kept.sizeBytes === pretrained.sizeBytes;
  const name = kept.name ?? (official ? fileName : null);
  return { network, fileName, url, present: true, kept: { name, sizeBytes: kept.sizeBytes, official } };
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
  const pretrained = publishedFileOf(network);
  await downloadWeights(store, pretrained, onProgress);
  return statusOf(store, pretrained);
}

/**
 * Removes the kept file of a network.
 * @throws {StudioError} `storage` when the browser refuses; `bad-input` when Keras publishes none.
 */
export async function removeWeights(store: PretrainedStore, network: NetworkId): Promise<WeightsStatus> {
  const pretrained = publishedFileOf(network);
  await store.remove(pretrained.fileName);
  return statusOf(store, pretrained);
}

/**
 * Checks a file against the network it is for and keeps a copy. It may be a whole model: of that only the base is used.
 * Whether it is Keras' own is asked as a run asks it, by its bytes: people rename files.
 * @throws {StudioError} bad-weights, naming every layer that does not fit; what was kept before is kept.
 */
export async function importWeights(store: PretrainedStore, file: File): Promise<WeightsStatus> {
  const pretrained = await recognise(file);
  // A file that cannot be read to its end cannot be saved either, and that has the sentence.
  const official = await isOfficial(file, pretrained).catch(() => false);
  await store.save(pretrained.fileName, file, official);
  return statusOf(store, pretrained);
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
  if (!startsFromFile(recipe)) {
    initializeWeights(network, recipe.seed);
    return 'random';
  }
  const pretrained = publishedFileOf(recipe.network);
  return store.whileKept(pretrained.fileName, async () => {
    const file = await store.open(pretrained.fileName);
    if (!file) throw new StudioError('missing-weights', missingSentence(pretrained));
    const matched = await match(file, network);
    try {
      for (const { spec, read } of matched.weights) network.loadWeight(spec, await read());
    } finally {
      matched.close();
    }
    const loaded = new Set(matched.weights.map(({ spec }) => spec));
    initializeWeights(network, recipe.seed, (spec) => !loaded.has(spec));
    return (await isOfficial(file, pretrained)) ? 'imagenet' : 'file';
  });
}

/**
 * The official file in whose place this one can stand. A file named as an official one is only held against that network,
 * any other against the one it has most in common with, so that the sentence speaks of the network that was meant.
 */
async function recognise(file: File): Promise<PretrainedFile> {
  const opened = await openKerasFile(file);
  const specs = new Map(PRETRAINED_FILES.map((candidate) => [candidate, baseSpecs(candidate.network)]));
  const named = PRETRAINED_FILES.find(({ fileName }) => fileName === file.name);
  const closest = named ?? closestNetwork(opened, specs);
  if (closest === null) {
    opened.close();
    const names = PRETRAINED_FILES.map(({ network }) => NETWORKS[network].name).join(', ');
    throw new StudioError('bad-weights', `${file.name} cannot be used: it holds no layer of ${names}.`);
  }
  matchWeights(specs.get(closest) ?? [], opened, NETWORKS[closest.network].name, 'ignored').close();
  return closest;
}

function publishedFileOf(network: NetworkId): PretrainedFile {
  const pretrained = pretrainedFileOf(network);
  if (!pretrained) throw new StudioError('bad-input', `There are no pretrained weights of ${NETWORKS[network].name}.`);
  return pretrained;
}

async function match(file: File, { graph }: Network): Promise<MatchedWeights> {
  return matchWeights(baseOf(graph), await openKerasFile(file), NETWORKS[graph.network].name, 'ignored');
}

/** The base's weights are the same at every input size. */
function baseSpecs(id: NetworkId): WeightSpec[] {
  return baseOf(buildNetwork(id, NETWORKS[id].minInputSize, 2));
}

function baseOf({ layers }: Graph): WeightSpec[] {
  return layers.filter(({ part }) => part === 'base').flatMap(({ weights }) => weights);
}

function missingSentence({ network, fileName, url }: PretrainedFile): string {
  return `${NETWORKS[network].name} needs Keras' ImageNet weights. Download ${fileName} on the training screen, or get it from ${url} and drop it there, or switch on “Start from random weights”.`;
}
