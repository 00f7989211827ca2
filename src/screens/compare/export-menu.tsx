/** @file The menu that writes a run's model as a file for Keras or TensorFlow.js. */

import { ActionIcon, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ExportFormat } from '../../domain/protocol';
import { keptWeights, type RunRecord } from '../../domain/run';
import { useModels } from '../../state/studio-context';
import { weightsWords } from '../../ui/run-words';

const FORMATS: { format: ExportFormat; title: string }[] = [
  { format: 'keras-h5', title: 'Keras .h5' },
  { format: 'tfjs', title: 'TensorFlow.js model' },
];

export function ExportMenu({ record, label }: { record: RunRecord; label: string }) {
  const exporting = useModels((state) => state.exporting);
  const exportRun = useModels((state) => state.exportRun);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Export ${label}`}
          loading={exporting?.runId === record.id}
          disabled={exporting !== null}
        >
          <IconDownload size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.flatMap(({ format, title }) =>
          keptWeights(record).map((kind) => (
            <Menu.Item key={`${format}-${kind}`} onClick={() => void exportRun(record, kind, format)}>
              {title}, {weightsWords(record, kind)}
            </Menu.Item>
          )),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
