/** @file Where a model that Keras trained is dropped, and the progress of imports and exports. */

import { Group, NativeSelect, Progress, Stack, Text } from '@mantine/core';
import type { PixelRange } from '../../state/models-store';
import { useModels } from '../../state/studio-context';
import { FileDrop } from '../../ui/file-drop';
import { formatMegabytes } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';
import { ModelCard } from './model-card';

const PIXEL_RANGES: { value: PixelRange; label: string }[] = [
  { value: 'unit', label: '0 to 1 (÷ 255)' },
  { value: 'symmetric', label: '-1 to 1' },
  { value: 'raw', label: '0 to 255' },
];

export function ModelsPanel() {
  const { exporting, imports, pixelRange, failure } = useModels((state) => state);
  const { importFiles, setPixelRange, dismissFailure } = useModels((state) => state);
  const progress = exporting?.progress;
  const busy = imports.find(({ state }) => state === 'reading' || state === 'testing');
  return (
    <Panel title="Keras models">
      <NativeSelect
        size="xs"
        maw={320}
        label="Pixels as"
        description="what the model was trained on; a file that states its own scaling is read by that"
        value={pixelRange}
        data={PIXEL_RANGES}
        onChange={({ currentTarget }) => {
          const chosen = PIXEL_RANGES.find(({ value }) => value === currentTarget.value);
          if (chosen) setPixelRange(chosen.value);
        }}
      />
      <FileDrop
        label="Drop a Keras model"
        text="Drop a whole model that Keras trained on these classes: .h5, .weights.h5 or .keras"
        button="Choose Keras model"
        accept=".h5,.hdf5,.keras"
        busy={busy ? `Reading and testing ${busy.fileName}` : null}
        onFiles={(files) => void importFiles(files)}
      />
      {imports.map((item) => (
        <ModelCard key={item.runId} item={item} />
      ))}
      {progress && (
        <Stack gap={6}>
          <Group justify="space-between" gap="xs">
            <Text size="sm">
              Writing the model: {formatMegabytes(progress.doneBytes)} of {formatMegabytes(progress.totalBytes)}
            </Text>
          </Group>
          <Progress value={(progress.doneBytes / progress.totalBytes) * 100} aria-label="Writing the model" />
        </Stack>
      )}
      {failure && (
        <SentenceAlert title="About this model" sentences={[failure]} tone="problem" onClose={dismissFailure} />
      )}
    </Panel>
  );
}
