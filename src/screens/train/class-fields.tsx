/** @file The fields of a recipe that make up for classes of different size: sampling and class weights. */

import { NativeSelect, SimpleGrid, Text } from '@mantine/core';
import { balancedWeights, type ClassWeights } from '../../domain/class-weights';
import { countImages } from '../../domain/dataset';
import type { NetworkId } from '../../domain/network';
import { checkNumber, RECIPE_BOUNDS } from '../../domain/recipe';
import { useDataset, useDraft } from '../../state/studio-context';
import { NumberField } from '../../ui/number-field';
import type { FieldSentences } from './use-field-errors';

interface ClassFieldsProps {
  network: NetworkId;
  errors: FieldSentences;
}

export function ClassFields({ network, errors }: ClassFieldsProps) {
  const { classWeights, sampling } = useDraft((state) => state.own[network]);
  const setOwn = useDraft((state) => state.setOwn);
  const summary = useDataset((state) => state.summary);
  const choose = (kind: string) => {
    if (kind === 'balanced') return setOwn(network, { classWeights: { kind } });
    if (kind !== 'own') return setOwn(network, { classWeights: undefined });
    const weights = (summary?.classNames ?? []).map((className) => ({ className, weight: 1 }));
    setOwn(network, { classWeights: { kind, weights } });
  };
  return (
    <>
      <NativeSelect
        label="Sampling"
        description="Which images an epoch trains on, as many as there are."
        value={sampling ?? 'once'}
        error={errors.sampling}
        data={[
          { value: 'once', label: 'Every image once, as in the notebook' },
          { value: 'balanced', label: 'Balanced: every class equally often' },
        ]}
        onChange={({ currentTarget }) =>
          setOwn(network, { sampling: currentTarget.value === 'balanced' ? 'balanced' : undefined })
        }
      />
      <NativeSelect
        label="Class weights"
        description="How much an image counts in the training loss. The validation loss is not weighted, as in Keras."
        value={classWeights?.kind ?? 'none'}
        error={errors.classWeights}
        data={[
          { value: 'none', label: 'None, as in the notebook' },
          { value: 'balanced', label: 'Balanced: images ÷ (classes × images of the class)' },
          { value: 'own', label: 'Own numbers' },
        ]}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      />
      {classWeights?.kind === 'balanced' && summary && errors.classWeights === undefined && (
        <Text size="xs" c="dimmed" className="thorax-numbers thorax-breakable">
          {balancedWeights(summary.classNames.map((_, index) => countImages(summary, 'train', index)))
            .map((weight, index) => `${summary.classNames[index]} ${weight.toPrecision(3)}`)
            .join(', ')}
        </Text>
      )}
      {sampling === 'balanced' && classWeights?.kind === 'balanced' && (
        <Text size="xs" c="dimmed">
          Balanced sampling already evens the classes out: with balanced weights too, small classes count more than
          large ones.
        </Text>
      )}
      {classWeights?.kind === 'own' && <OwnWeights network={network} settings={classWeights} />}
    </>
  );
}

interface OwnWeightsProps {
  network: NetworkId;
  settings: Extract<ClassWeights, { kind: 'own' }>;
}

function OwnWeights({ network, settings }: OwnWeightsProps) {
  const setOwn = useDraft((state) => state.setOwn);
  const summary = useDataset((state) => state.summary);
  if (!summary) {
    return (
      <Text size="xs" c="dimmed">
        Open a dataset to give its classes their weights.
      </Text>
    );
  }
  const weightOf = (className: string) =>
    settings.weights.find((one) => one.className === className)?.weight ?? Number.NaN;
  const change = (className: string, weight: number) => {
    const weights = summary.classNames.map((name) => ({
      className: name,
      weight: name === className ? weight : weightOf(name),
    }));
    setOwn(network, { classWeights: { kind: 'own', weights } });
  };
  const { min, max, whole } = RECIPE_BOUNDS.classWeight;
  return (
    <SimpleGrid cols={2} spacing="sm">
      {summary.classNames.map((className) => (
        <NumberField
          key={className}
          label={`Weight of ${className}`}
          description="times the loss of an image"
          value={weightOf(className)}
          min={min}
          max={max}
          whole={whole}
          error={checkNumber('classWeight', weightOf(className), `Weight of ${className}`)?.sentence}
          onChange={(typed) => change(className, typed ?? Number.NaN)}
        />
      ))}
    </SimpleGrid>
  );
}
