/** @file A dropped model file: what it was read as, what it still needs, its progress, and the result. */

import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ModelImport } from '../../state/models-store';
import { useModels } from '../../state/studio-context';
import { NumberField } from '../../ui/number-field';
import { SentenceAlert } from '../../ui/sentence-alert';
import { progressWords, readingWords } from './model-words';

export function ModelCard({ item }: { item: ModelImport }) {
  const dismiss = useModels((state) => state.dismissImport);
  const { runId, fileName, state, reading, assumedScaling, sentence } = item;
  const progress = progressWords(item);
  const close = () => dismiss(runId);
  return (
    <Card withBorder padding="sm" role="group" aria-label={fileName}>
      <Stack gap="xs">
        <Stack gap={0}>
          <Text size="sm" fw={500} className="thorax-breakable">
            {fileName}
          </Text>
          {reading && (
            <Text size="xs" c="dimmed">
              {readingWords(reading, assumedScaling)}
            </Text>
          )}
        </Stack>
        {progress && (
          <Text size="xs" role="status">
            {progress}
          </Text>
        )}
        {state === 'asking' && reading?.inputSize.kind === 'asked' && (
          <SizeQuestion runId={runId} min={reading.inputSize.min} max={reading.inputSize.max} />
        )}
        {state === 'refused' && sentence && (
          <SentenceAlert title="This model was not imported" sentences={[sentence]} tone="problem" onClose={close} />
        )}
        {state === 'imported' && sentence && (
          <SentenceAlert title="Imported" sentences={[sentence]} tone="notice" onClose={close} />
        )}
      </Stack>
    </Card>
  );
}

/** Every size from `min` to `max` fits the weights; only the person knows which one the model was trained at. */
function SizeQuestion({ runId, min, max }: { runId: string; min: number; max: number }) {
  const [size, setSize] = useState<number | null>(null);
  const giveInputSize = useModels((state) => state.giveInputSize);
  const dismiss = useModels((state) => state.dismissImport);
  const fits = size !== null && Number.isInteger(size) && size >= min && size <= max;
  const range = `a whole number from ${min} to ${max}`;
  return (
    <Stack gap="xs">
      <NumberField
        label="Input size"
        description={`side of the square the model was trained at, pixels: ${range} fits its weights`}
        value={size}
        onChange={setSize}
        min={min}
        max={max}
        whole
        error={size === null || fits ? undefined : `Give ${range}.`}
      />
      <Group gap="xs">
        <Button size="xs" disabled={!fits} onClick={() => fits && void giveInputSize(runId, size)}>
          Import
        </Button>
        <Button size="xs" variant="default" onClick={() => dismiss(runId)}>
          Leave it
        </Button>
      </Group>
    </Stack>
  );
}
