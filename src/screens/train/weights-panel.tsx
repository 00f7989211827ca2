/** @file The pretrained files: which are kept and which the ticked networks need, and where to drop them. */

import { Text } from '@mantine/core';
import { useDraft, useWeights } from '../../state/studio-context';
import { FileDrop } from '../../ui/file-drop';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';
import { WeightsRow } from './weights-row';
import { weightsNote } from './weights-words';

export function WeightsPanel() {
  const selected = useDraft((state) => state.selected);
  const random = useDraft((state) => state.startFromRandomWeights);
  const { statuses, loadFailure, importing, outcomes, importFiles } = useWeights((state) => state);
  const note = statuses && weightsNote(statuses, selected, random);

  const problems = outcomes.filter(({ ok }) => !ok).map(({ sentence }) => sentence);
  const successes = outcomes.filter(({ ok }) => ok).map(({ sentence }) => sentence);
  return (
    <Panel title="Pretrained weights">
      {loadFailure && <SentenceAlert title="About the kept files" sentences={[loadFailure]} tone="problem" />}
      {note && (
        <Text size="sm" c="dimmed">
          {note}
        </Text>
      )}
      {statuses?.map((status) => (
        <WeightsRow key={status.network} status={status} needed={!random && selected.includes(status.network)} />
      ))}
      <FileDrop
        label="Drop weights files"
        text="Drop a file here: Keras’ own, or any .h5, .weights.h5 or .keras of one of these networks"
        hint="Of a whole model the base is used. Its head is left out: a new one is trained."
        button="Choose weights file"
        accept=".h5,.hdf5,.keras"
        busy={importing && `Checking ${importing}`}
        onFiles={(files) => void importFiles(files)}
      />
      {problems.length > 0 && <SentenceAlert title="This file was not imported" sentences={problems} tone="problem" />}
      {successes.length > 0 && <SentenceAlert title="Imported" sentences={successes} tone="notice" />}
    </Panel>
  );
}
