/** @file The errors of the recipes as they stand, for the fields that caused them. */

import { useMemo } from 'react';
import type { NetworkId } from '../../domain/network';
import { checkNumber, checkRecipe, type FieldError, type RecipeField } from '../../domain/recipe';
import { draftRecipe } from '../../state/draft-store';
import { useDataset, useDraft } from '../../state/studio-context';

/** The first sentence of every field that has one. */
export type FieldSentences = Partial<Record<RecipeField, string>>;

/** Errors of one network's recipe. Needs a dataset, as the batch size is judged by it. */
export function useNetworkErrors(network: NetworkId): FieldSentences {
  const draft = useDraft((state) => state);
  const summary = useDataset((state) => state.summary);
  return useMemo(
    () => (summary ? byField(checkRecipe(draftRecipe(draft, network), summary)) : {}),
    [draft, summary, network],
  );
}

/** Errors of the shared fields: of their bounds, and of any selected network. */
export function useSharedErrors(): FieldSentences {
  const draft = useDraft((state) => state);
  const summary = useDataset((state) => state.summary);
  return useMemo(() => {
    const { epochs, batchSize, inputSize, seed } = draft.shared;
    const bounds = [
      checkNumber('epochs', epochs),
      checkNumber('batchSize', batchSize),
      inputSize === null ? null : checkNumber('inputSize', inputSize),
      checkNumber('seed', seed),
    ].filter((error) => error !== null);
    const ofNetworks = summary
      ? draft.selected.flatMap((network) => checkRecipe(draftRecipe(draft, network), summary))
      : [];
    return byField([...bounds, ...ofNetworks]);
  }, [draft, summary]);
}

function byField(errors: FieldError[]): FieldSentences {
  const result: FieldSentences = {};
  for (const { field, sentence } of errors) result[field] ??= sentence;
  return result;
}
