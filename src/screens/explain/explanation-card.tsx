/** @file What one network sees in one radiograph: heatmap, class choice, probabilities. */

import { Button, Group, Loader, NativeSelect, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { NETWORKS } from '../../domain/network';
import type { RgbaImage } from '../../domain/protocol';
import type { RunRecord } from '../../domain/run';
import { explanationKey } from '../../state/explain-store';
import { useExplain, useTraining } from '../../state/studio-context';
import { ColourBar } from '../../ui/colour-bar';
import { HeatmapCanvas } from '../../ui/heatmap-canvas';
import { networkColour } from '../../ui/network-colour';
import { ProbabilityBars } from '../../ui/probability-bars';
import { scaleMap } from '../../ui/scale-map';
import { SentenceAlert } from '../../ui/sentence-alert';
import classes from './explain-screen.module.css';

interface ExplanationCardProps {
  radiographId: string;
  fileName: string;
  image: RgbaImage;
  run: RunRecord;
}

export function ExplanationCard({ radiographId, fileName, image, run }: ExplanationCardProps) {
  const state = useExplain(({ explanations }) => explanations[explanationKey(radiographId, run.id)]);
  const explain = useExplain(({ explain: ask }) => ask);
  const opacity = useExplain((all) => all.opacity);
  const training = useTraining((all) => all.active);
  const { name } = NETWORKS[run.recipe.network];
  const explanation = state?.explanation ?? null;
  const map = useMemo(() => (explanation ? scaleMap(explanation.map) : null), [explanation]);

  return (
    <div className={classes.cell}>
      {explanation ? (
        <figure className={classes.figure} aria-label={`Heatmap ${name} ${fileName}`}>
          <HeatmapCanvas
            image={image}
            map={map}
            mapSize={explanation.layer}
            opacity={opacity}
            className={classes.image}
          />
          <Group justify="space-between" gap="xs" mih={24} wrap="nowrap">
            <Text fw={600} size="sm">
              {name}
            </Text>
            {state?.working && <Loader size="xs" />}
          </Group>
          {map ? (
            <ColourBar />
          ) : (
            <Text size="sm" fw={500}>
              No positive evidence for {explanation.classNames[explanation.classIndex]}
            </Text>
          )}
          <NativeSelect
            size="sm"
            label="Heatmap of class"
            value={String(explanation.classIndex)}
            data={explanation.classNames.map((label, index) => ({ value: String(index), label }))}
            onChange={({ currentTarget }) => void explain(radiographId, run.id, Number(currentTarget.value))}
          />
          <ProbabilityBars
            classNames={explanation.classNames}
            probabilities={explanation.probabilities}
            colour={networkColour(run.recipe.network)}
          />
          <Text size="xs" c="dimmed" component="figcaption">
            Grad-CAM at {explanation.layer.name}, {explanation.layer.height} x {explanation.layer.width}.
            {explanation.layerNote && ` ${explanation.layerNote}`}
            {run.status === 'stopped' && ' This run was stopped early.'}
            {run.sourceFile && ` The model is ${run.sourceFile}.`}
          </Text>
        </figure>
      ) : (
        <Stack gap="xs">
          <div className={classes.waiting}>
            {state?.working && <Loader size="sm" />}
            {!state && training && <Text size="sm">Waits until the training has ended.</Text>}
          </div>
          <Text fw={600} size="sm">
            {name}
          </Text>
        </Stack>
      )}
      {state?.failure && (
        <Stack gap="xs" align="flex-start">
          <SentenceAlert title="No heatmap" sentences={[state.failure]} tone="problem" />
          <Button
            size="xs"
            variant="default"
            onClick={() => void explain(radiographId, run.id, explanation?.classIndex ?? null)}
          >
            Try again
          </Button>
        </Stack>
      )}
    </div>
  );
}
