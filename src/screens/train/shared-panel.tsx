/** @file The fields all networks of a queue share. */

import { SimpleGrid } from '@mantine/core';
import { RECIPE_BOUNDS } from '../../domain/recipe';
import type { SharedFields } from '../../state/draft-store';
import { useDraft } from '../../state/studio-context';
import { DescribedSwitch } from '../../ui/described-switch';
import { NumberField } from '../../ui/number-field';
import { Panel } from '../../ui/panel';
import { useSharedErrors } from './use-field-errors';

const FIELDS: { field: keyof SharedFields; description: string; placeholder?: string }[] = [
  { field: 'epochs', description: 'times through the training set' },
  { field: 'batchSize', description: 'images per step' },
  { field: 'inputSize', description: 'side of the square, pixels', placeholder: "each network's own" },
  { field: 'seed', description: 'of all that is drawn at random' },
];

export function SharedPanel() {
  const shared = useDraft((state) => state.shared);
  const setShared = useDraft((state) => state.setShared);
  const random = useDraft((state) => state.startFromRandomWeights);
  const setRandom = useDraft((state) => state.setStartFromRandomWeights);
  const errors = useSharedErrors();
  return (
    <Panel title="For all networks">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        {FIELDS.map(({ field, ...words }) => {
          const { label, min, max, whole } = RECIPE_BOUNDS[field];
          return (
            <NumberField
              key={field}
              {...words}
              label={label}
              min={min}
              max={max}
              whole={whole}
              value={shared[field]}
              error={errors[field]}
              onChange={(value) => setShared({ [field]: value })}
            />
          );
        })}
      </SimpleGrid>
      <DescribedSwitch
        label="Start from random weights"
        description="Trains VGG16 and InceptionV3 without their ImageNet files."
        checked={random}
        onChange={setRandom}
      />
    </Panel>
  );
}
