/** @file The button that trains a run further, and the dialog that asks with which weights and for how many epochs. */

import { ActionIcon, Button, Group, Modal, NativeSelect, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBolt } from '@tabler/icons-react';
import { useState } from 'react';
import { type BoundedField, checkNumber, type NumberBounds, RECIPE_BOUNDS } from '../../domain/recipe';
import { type RunRecord, WEIGHTS_KINDS, type WeightsKind } from '../../domain/run';
import { type FurtherFields, furtherWeights } from '../../domain/train-further';
import { useDataset, useTraining } from '../../state/studio-context';
import { NumberField } from '../../ui/number-field';
import { runName } from '../../ui/run-words';
import { SentenceAlert } from '../../ui/sentence-alert';

interface TrainFurtherProps {
  record: RunRecord;
  onQueued: () => void;
}

export function TrainFurther({ record, onQueued }: TrainFurtherProps) {
  const [opened, { open, close }] = useDisclosure(false);
  const name = runName(record);
  return (
    <>
      <ActionIcon variant="subtle" color="gray" onClick={open} aria-label={`Train further ${name}`}>
        <IconBolt size={16} />
      </ActionIcon>
      <Modal opened={opened} onClose={close} title="Train further" closeButtonProps={{ 'aria-label': 'Close' }}>
        {opened && <FurtherForm record={record} onClose={close} onQueued={onQueued} />}
      </Modal>
    </>
  );
}

const FIELDS: { field: BoundedField & keyof FurtherFields; description: string }[] = [
  { field: 'epochs', description: 'more times through the training set' },
  { field: 'batchSize', description: 'images per step' },
  { field: 'learningRate', description: 'of the optimizer' },
];

const WEIGHTS_LABELS: Record<WeightsKind, string> = {
  last: 'Last: as the run ended',
  best: 'Best: of the epoch with the lowest training loss',
};

function FurtherForm({ record, onQueued, onClose }: TrainFurtherProps & { onClose: () => void }) {
  const { recipe, dataset } = record;
  const kinds = furtherWeights(record);
  const [weights, setWeights] = useState<WeightsKind>(kinds[0]);
  const [fields, setFields] = useState<FurtherFields>({
    // A model that was trained elsewhere has none.
    epochs: recipe.epochs || 5,
    batchSize: recipe.batchSize,
    learningRate: recipe.optimizer.learningRate,
  });
  const [refusal, setRefusal] = useState<string[] | null>(null);
  const trainFurther = useTraining((state) => state.trainFurther);
  const summary = useDataset((state) => state.summary);
  const isOther = summary !== null && record.epochs.length > 0 && summary.id !== dataset.id;

  async function queue() {
    const sentences = await trainFurther(record, weights, fields);
    setRefusal(sentences);
    if (sentences) return;
    onClose();
    onQueued();
  }

  return (
    <Stack gap="md">
      <Text size="sm" className="thorax-breakable">
        A new run begins with the weights of {runName(record)}. Where its optimizer is kept, as that of a stopped run
        is, it goes on too. The rest of the recipe stays as it is.
      </Text>
      <NativeSelect
        label="Weights"
        value={weights}
        data={kinds.map((kind) => ({ value: kind, label: WEIGHTS_LABELS[kind] }))}
        onChange={({ currentTarget }) =>
          setWeights(WEIGHTS_KINDS.find((kind) => kind === currentTarget.value) ?? kinds[0])
        }
      />
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        {FIELDS.map(({ field, description }) => {
          const { label, min, max, whole }: NumberBounds = RECIPE_BOUNDS[field];
          return (
            <NumberField
              key={field}
              label={label}
              description={description}
              min={min}
              max={max}
              whole={whole}
              value={fields[field]}
              error={checkNumber(field, fields[field])?.sentence}
              onChange={(typed) => setFields({ ...fields, [field]: typed ?? Number.NaN })}
            />
          );
        })}
      </SimpleGrid>
      {isOther && (
        <Text size="sm" c="dimmed" className="thorax-breakable">
          The open dataset is {summary.name}; the run was trained on {dataset.name}. Images it has learned from may be
          among the test images now, and a test on those says little.
        </Text>
      )}
      {refusal && <SentenceAlert title="This cannot start yet" sentences={refusal} tone="problem" />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={() => void queue()}>Train further</Button>
      </Group>
    </Stack>
  );
}
