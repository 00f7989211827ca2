/** @file How a run went, in words that several screens show. */

import { NETWORKS } from '../domain/network';
import { type Ancestor, lastKeptOf, placeWords, type RunRecord, type WeightsKind } from '../domain/run';
import { formatDate } from './format';

/** `stopped early after epoch 7 of 15: the validation loss was lowest in epoch 4`; null for a run that was not. */
export function stoppedEarlyWords({ stoppedEarly, recipe }: Pick<RunRecord, 'stoppedEarly' | 'recipe'>): string | null {
  if (!stoppedEarly) return null;
  const { epoch, lowestEpoch } = stoppedEarly;
  return `stopped early after epoch ${epoch} of ${recipe.epochs}: the validation loss was lowest in epoch ${lowestEpoch}`;
}

/** `The weights of epochs 3, 5 to 12 could not be stored.`; null where all were. */
export function unkeptWords({ unkeptEpochs = [] }: Pick<RunRecord, 'unkeptEpochs'>): string | null {
  if (unkeptEpochs.length === 0) return null;
  const ranges: [first: number, last: number][] = [];
  for (const epoch of unkeptEpochs) {
    const range = ranges.at(-1);
    if (range && range[1] === epoch - 1) range[1] = epoch;
    else ranges.push([epoch, epoch]);
  }
  const words = ranges.map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`)).join(', ');
  return `The weights of ${unkeptEpochs.length === 1 ? 'epoch' : 'epochs'} ${words} could not be stored.`;
}

/** `last weights`; where those that are stored are not of the end of the last epoch, also of which place they are. */
export function weightsWords(record: RunRecord, kind: WeightsKind): string {
  const place = kind === 'last' ? lastKeptOf(record) : null;
  const isOfTheEnd = !place || (place.epoch === record.epochs.length && place.step === 0);
  return isOfTheEnd ? `${kind} weights` : `${kind} weights, ${placeWords(place)}`;
}

/** `Baseline of May 1, 2026, 3:04 PM`; of a model that was trained elsewhere its file's name too. */
export function runName({ recipe, createdAt, sourceFile }: RunRecord): string {
  const name = `${NETWORKS[recipe.network].name} of ${formatDate(createdAt)}`;
  return sourceFile ? `${name} (${sourceFile})` : name;
}

/**
 * `trained further from Baseline of May 1, 2026, 3:04 PM, best weights, with a new optimizer`.
 * @param records of all runs, among which the ancestor may no longer be.
 * @param datasetName of the run itself.
 */
export function ancestorWords(
  ancestor: Ancestor & Partial<NonNullable<RunRecord['ancestor']>>,
  records: readonly RunRecord[],
  datasetName: string,
): string {
  const { runId, weights, optimizer, otherDatasets = [] } = ancestor;
  const record = records.find(({ id }) => id === runId);
  const parts = [`trained further from ${record ? runName(record) : 'a run that is deleted'}`, `${weights} weights`];
  const others = otherDatasets.map(({ name }) => (name === datasetName ? `another state of ${name}` : name));
  if (others.length > 0) parts.push(`which were trained on ${others.join(', ')}`);
  if (optimizer === 'anew') parts.push('with a new optimizer');
  return parts.join(', ');
}
