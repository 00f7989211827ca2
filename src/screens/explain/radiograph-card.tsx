/** @file One dropped radiograph: the plain image, and beside it each network's explanation. */

import { ActionIcon, Group, Loader, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { RunRecord } from '../../domain/run';
import type { Radiograph } from '../../state/explain-store';
import { useExplain } from '../../state/studio-context';
import { ImageCanvas } from '../../ui/image-canvas';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';
import classes from './explain-screen.module.css';
import { ExplanationCard } from './explanation-card';

interface RadiographCardProps {
  radiograph: Radiograph;
  runs: RunRecord[];
}

export function RadiographCard({ radiograph, runs }: RadiographCardProps) {
  const { id, file, image, failure } = radiograph;
  const removeRadiograph = useExplain((state) => state.removeRadiograph);
  return (
    <Panel
      title={file.name}
      aside={
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove ${file.name}`}
          onClick={() => removeRadiograph(id)}
        >
          <IconX size={18} />
        </ActionIcon>
      }
    >
      {failure && <SentenceAlert title="This file cannot be shown" sentences={[failure]} tone="problem" />}
      {!image && !failure && (
        <Group gap="xs">
          <Loader size="sm" />
          <Text size="sm">Decoding</Text>
        </Group>
      )}
      {image && (
        <div className={classes.grid}>
          <figure className={classes.cell} aria-label={`Radiograph ${file.name}`}>
            <ImageCanvas image={image} className={classes.image} />
            <Text size="sm" fw={500} component="figcaption">
              Plain image
            </Text>
          </figure>
          {runs.map((run) => (
            <ExplanationCard key={run.id} radiographId={id} fileName={file.name} image={image} run={run} />
          ))}
        </div>
      )}
    </Panel>
  );
}
