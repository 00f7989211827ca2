/**
 * @file What the person has set up on the training screen and not started yet: networks, shared fields, recipes.
 *
 * Starts as the notebook's recipe in every field.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import { notebookRecipe, type Recipe } from '../domain/recipe';

/** Fields all networks share. Null is an empty field, NaN text that is no number. */
export interface SharedFields {
  epochs: number | null;
  batchSize: number | null;
  /** Null: each network's own. */
  inputSize: number | null;
  seed: number | null;
}

/** Fields each network has of its own. */
export type OwnFields = Pick<
  Recipe,
  | 'optimizer'
  | 'augmentation'
  | 'interpolation'
  | 'frozenBatchNorm'
  | 'checkpoints'
  | 'earlyStopping'
  | 'classWeights'
  | 'sampling'
>;

export interface DraftState {
  /** In the order of {@link NETWORK_IDS}. */
  selected: NetworkId[];
  shared: SharedFields;
  startFromRandomWeights: boolean;
  own: Record<NetworkId, OwnFields>;
  /** Networks whose recipe editor is open. */
  expanded: NetworkId[];

  select(network: NetworkId, on: boolean): void;
  setShared(change: Partial<SharedFields>): void;
  setStartFromRandomWeights(on: boolean): void;
  setOwn(network: NetworkId, change: Partial<OwnFields>): void;
  resetOwn(network: NetworkId): void;
  expand(network: NetworkId, on: boolean): void;
}

export function createDraftStore(): StoreApi<DraftState> {
  return createStore<DraftState>((set) => ({
    selected: [],
    shared: notebookSharedFields(),
    startFromRandomWeights: false,
    own: {
      baseline: notebookOwnFields('baseline'),
      vgg16: notebookOwnFields('vgg16'),
      inceptionv3: notebookOwnFields('inceptionv3'),
      densenet121: notebookOwnFields('densenet121'),
    },
    expanded: [],

    select: (network, on) => set(({ selected }) => ({ selected: toggled(selected, network, on) })),
    setShared: (change) => set(({ shared }) => ({ shared: { ...shared, ...change } })),
    setStartFromRandomWeights: (startFromRandomWeights) => set({ startFromRandomWeights }),
    setOwn: (network, change) => set(({ own }) => ({ own: { ...own, [network]: { ...own[network], ...change } } })),
    resetOwn: (network) => set(({ own }) => ({ own: { ...own, [network]: notebookOwnFields(network) } })),
    expand: (network, on) => set(({ expanded }) => ({ expanded: toggled(expanded, network, on) })),
  }));
}

/** The whole recipe of one network as it stands; fields that hold no number are NaN and fail `checkRecipe`. */
export function draftRecipe(draft: DraftState, network: NetworkId): Recipe {
  const { epochs, batchSize, inputSize, seed } = draft.shared;
  return {
    network,
    epochs: epochs ?? Number.NaN,
    batchSize: batchSize ?? Number.NaN,
    inputSize: inputSize ?? NETWORKS[network].nativeInputSize,
    seed: seed ?? Number.NaN,
    // Plain data is copied, so that a later edit cannot reach a queued run.
    ...structuredClone(draft.own[network]),
    startFromRandomWeights: draft.startFromRandomWeights,
  };
}

/** True when every field of this network is the notebook's. */
export function isNotebookOwn(network: NetworkId, own: OwnFields): boolean {
  return JSON.stringify(own) === JSON.stringify(notebookOwnFields(network));
}

function notebookSharedFields(): SharedFields {
  const { epochs, batchSize, seed } = notebookRecipe('baseline');
  return { epochs, batchSize, seed, inputSize: null };
}

function notebookOwnFields(network: NetworkId): OwnFields {
  const { optimizer, augmentation, interpolation, frozenBatchNorm, checkpoints } = notebookRecipe(network);
  return { optimizer, augmentation, interpolation, frozenBatchNorm, checkpoints };
}

function toggled(list: NetworkId[], network: NetworkId, on: boolean): NetworkId[] {
  return NETWORK_IDS.filter((id) => (id === network ? on : list.includes(id)));
}
