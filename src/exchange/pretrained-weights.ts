/** @file From a Keras file, dropped or downloaded, to the weights of a network: check, keep, and fill. */

import { StudioError } from '../domain/failure';
import { NETWORKS, type NetworkId } from '../domain/network';
import type { RunRequest, TransferProgress, WeightsStatus } from '../domain/protocol';
import { startsFromFile } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { initializeWeights } from '../networks/initialize';
import type { Network } from '../networks/network';
import type { PretrainedStore } from '../storage/pretrained-store';
import { PRETRAINED_FILES, type PretrainedFile, pretrainedFileOf } from './catalogue';
import { downloadWeights, isOfficial } from './download-weights';
import type { ReadForeignFile } from './foreign-file';
import { gatherWeights } from './gather-weights';
import { baseOf } from './identify-base';

/** The status of every network that starts from a file, and of any other whose file is kept, so that it can be removed. */
export async function listWeights(store: PretrainedStore): Promise<WeightsStatus[]> {
  const statuses = await Promise.all(PRETRAINED_FILES.map((file) => statusOf(store, file)));
  return statuses.filter(({ network, present }) => present || NETWORKS[network].pretrained);
}

async function statusOf(store: PretrainedStore, pretrained: PretrainedFile): Promise<WeightsStatus> {
  const { network, fileName, url } = pretrained;
  const kept = await store.describe(fileName);
  if (!kept) return { network, fileName, url, present: false };
  // Older entries do not record it. Then the length decides: another file of these layers hardly has the official length.
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
 * All its numbers are read once, so that damage is found now and not when a run starts from it. Whether it is Keras' own file
 * is decided by its bytes, since files get renamed.
 * @throws {StudioError} `bad-weights`, naming every layer that does not fit; a file kept before stays.
 */
export async function importWeights(
  store: PretrainedStore,
  file: File,
  readForeign: ReadForeignFile,
): Promise<WeightsStatus> {
  const network = await readForeign(file, async (opened) => {
    const identified = await opened.identifyBase();
    const numbers = opened.readWeights({ kind: 'base', network: identified });
    for (let step = await numbers.next(); !step.done; step = await numbers.next());
    return identified;
  });
  const pretrained = publishedFileOf(network);
  // A file that cannot be read to its end cannot be saved either; saving throws the sentence.
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
  readForeign: ReadForeignFile,
): Promise<RunRecord['weightsOrigin']> {
  if (!startsFromFile(recipe)) {
    initializeWeights(network, recipe.seed);
    return 'random';
  }
  const pretrained = publishedFileOf(recipe.network);
  return store.whileKept(pretrained.fileName, async () => {
    const file = await store.open(pretrained.fileName);
    if (!file) throw new StudioError('missing-weights', missingSentence(pretrained));
    const specs = baseOf(network.graph);
    await readForeign(file, async (opened) => {
      const numbers = opened.readWeights({ kind: 'base', network: recipe.network });
      for await (const { spec, values } of gatherWeights(specs, numbers)) network.loadWeight(spec, values);
    });
    const loaded = new Set(specs);
    initializeWeights(network, recipe.seed, (spec) => !loaded.has(spec));
    return (await isOfficial(file, pretrained)) ? 'imagenet' : 'file';
  });
}

function publishedFileOf(network: NetworkId): PretrainedFile {
  const pretrained = pretrainedFileOf(network);
  if (!pretrained) throw new StudioError('bad-input', `There are no pretrained weights of ${NETWORKS[network].name}.`);
  return pretrained;
}

function missingSentence({ network, fileName, url }: PretrainedFile): string {
  return `${NETWORKS[network].name} needs Keras' ImageNet weights. Download ${fileName} on the training screen, or get it from ${url} and drop it there, or switch on “Start from random weights”.`;
}
