/** @file The explanation screen: radiographs dropped in, and what every trained network sees in them. */

import { Button, FileButton, Group, Slider, Stack, Text, Title } from '@mantine/core';
import { IconFileUpload, IconScan } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { toFailure } from '../../domain/failure';
import { explainingRuns } from '../../state/explain-store';
import { useDataset, useExplain, useRuns, useTraining } from '../../state/studio-context';
import { DropRegion } from '../../ui/drop-region';
import { type DroppedItems, readDroppedItems } from '../../ui/dropped-items';
import { EmptyNote } from '../../ui/empty-note';
import { SentenceAlert } from '../../ui/sentence-alert';
import { SyntheticBadge } from '../../ui/synthetic-badge';
import classes from './explain-screen.module.css';
import { RadiographCard } from './radiograph-card';

const NO_FILES = 'There was no image file in what was dropped. Drop the files themselves, not their folder.';

export function ExplainScreen({ onBegin }: { onBegin: () => void }) {
  const records = useRuns((state) => state.records);
  const loaded = useRuns((state) => state.loaded);
  const datasetId = useDataset((state) => state.summary?.id ?? null);
  const { radiographs, opacity, addFiles, explainWith, setOpacity } = useExplain((state) => state);
  const runs = useMemo(() => explainingRuns(records, datasetId), [records, datasetId]);

  /** Why the last drop changed nothing. */
  const [refusal, setRefusal] = useState<string | null>(null);

  // The GPU belongs to the training while there is one.
  const training = useTraining((state) => state.active);
  useEffect(() => {
    void explainWith(training ? [] : runs);
  }, [explainWith, runs, training]);

  async function take(dropped: Promise<DroppedItems>) {
    try {
      const { files } = await dropped;
      setRefusal(files.length === 0 ? NO_FILES : null);
      await addFiles(files.map(({ file }) => file));
    } catch (error) {
      setRefusal(toFailure(error).sentence);
    }
  }

  return (
    <Stack gap="lg">
      {loaded && runs.length === 0 && (
        <EmptyNote
          icon={<IconScan size={28} />}
          title={datasetId ? 'No network has learnt from this dataset yet' : 'No network has learnt anything yet'}
          text="Radiographs can be dropped here already; probabilities and heatmaps appear once a network has been trained."
          action={{ label: 'Pick networks', run: onBegin }}
        />
      )}
      <DropRegion label="Drop radiographs" onDrop={(transfer) => void take(readDroppedItems(transfer))}>
        <Stack gap="sm" align="center">
          <Title order={2} size="h4">
            Drop radiographs here
          </Title>
          <Text size="sm" c="dimmed">
            {runs.length > 0 ? `Asked of networks trained on ${runs[0].dataset.name}.` : 'One or several image files.'}
          </Text>
          {runs[0]?.dataset.synthetic && <SyntheticBadge />}
          <FileButton accept="image/*" multiple onChange={(files) => void addFiles(files)}>
            {(props) => (
              <Button {...props} leftSection={<IconFileUpload size={18} />}>
                Choose files
              </Button>
            )}
          </FileButton>
        </Stack>
      </DropRegion>
      {refusal !== null && <SentenceAlert title="Nothing was taken" sentences={[refusal]} tone="problem" />}
      {radiographs.length > 0 && (
        <Group gap="md" wrap="nowrap" maw={420}>
          <Text size="sm" id="opacity-label" className={classes.label}>
            Heatmap opacity
          </Text>
          <Slider
            className={classes.slider}
            min={0}
            max={1}
            step={0.05}
            value={opacity}
            onChange={setOpacity}
            label={(value) => value.toFixed(2)}
            thumbProps={{ 'aria-labelledby': 'opacity-label' }}
          />
          <Text size="sm" className="thorax-numbers">
            {opacity.toFixed(2)}
          </Text>
        </Group>
      )}
      {radiographs.map((radiograph) => (
        <RadiographCard key={radiograph.id} radiograph={radiograph} runs={runs} />
      ))}
    </Stack>
  );
}
