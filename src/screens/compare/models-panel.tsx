/** @file Where a model that Keras trained is dropped, and what goes on with models that come and go. */

import { Button, FileButton, Group, Progress, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useModels } from '../../state/studio-context';
import { DropRegion } from '../../ui/drop-region';
import { formatMegabytes } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';

export function ModelsPanel() {
  const { exporting, importing, failure, notice, importFiles, dismiss } = useModels((state) => state);
  const progress = exporting?.progress;
  return (
    <Panel title="Keras models">
      <DropRegion label="Drop a Keras model" onDrop={(transfer) => void importFiles([...transfer.files])}>
        <Stack gap="xs" align="center">
          <Text size="sm" ta="center">
            Drop a whole model that Keras trained on these classes: .h5, .weights.h5 or .keras
          </Text>
          <FileButton accept=".h5,.hdf5,.keras" multiple onChange={(files) => void importFiles(files)}>
            {(props) => (
              <Button
                {...props}
                variant="default"
                size="xs"
                leftSection={<IconFileUpload size={16} />}
                loading={importing !== null}
              >
                Choose Keras model
              </Button>
            )}
          </FileButton>
          {importing && (
            <Text size="xs" c="dimmed" className="thorax-breakable">
              Reading and testing {importing}
            </Text>
          )}
        </Stack>
      </DropRegion>
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
      {failure && <SentenceAlert title="About this model" sentences={[failure]} tone="problem" onClose={dismiss} />}
      {notice && <SentenceAlert title="Taken in" sentences={[notice]} tone="notice" onClose={dismiss} />}
    </Panel>
  );
}
