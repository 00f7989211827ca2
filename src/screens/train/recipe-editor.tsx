/** @file The fields of one network's recipe that it does not share with the others. */

import { Button, Group, NativeSelect, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import { NETWORKS, type NetworkId } from '../../domain/network';
import { type BoundedField, type NumberBounds, RECIPE_BOUNDS } from '../../domain/recipe';
import { isNotebookOwn } from '../../state/draft-store';
import { useDraft } from '../../state/studio-context';
import { DescribedSwitch } from '../../ui/described-switch';
import { NumberField } from '../../ui/number-field';
import { ClassFields } from './class-fields';
import classes from './recipe-editor.module.css';
import { useNetworkErrors } from './use-field-errors';

const AUGMENTATION_NUMBERS = ['rotationDegrees', 'heightShift', 'widthShift', 'zoom', 'noiseDeviation'] as const;

export function RecipeEditor({ network }: { network: NetworkId }) {
  const own = useDraft((state) => state.own[network]);
  const setOwn = useDraft((state) => state.setOwn);
  const resetOwn = useDraft((state) => state.resetOwn);
  const errors = useNetworkErrors(network);
  const { optimizer, augmentation, interpolation, frozenBatchNorm, earlyStopping, checkpoints } = own;
  const { patience } = RECIPE_BOUNDS;

  function numberField(field: BoundedField, value: number, change: (value: number) => void) {
    const { label, min, max, whole, unit }: NumberBounds = RECIPE_BOUNDS[field];
    return (
      <NumberField
        key={field}
        label={label}
        description={unit ?? undefined}
        value={value}
        min={min}
        max={max}
        whole={whole}
        error={errors[field]}
        onChange={(typed) => change(typed ?? Number.NaN)}
      />
    );
  }

  return (
    <div className={classes.editor}>
      <fieldset className={classes.fieldset}>
        <legend className={classes.legend}>Recipe of {NETWORKS[network].name}</legend>
        <Stack gap="sm">
          <Text size="sm" fw={500}>
            {optimizer.kind === 'adam' ? 'Optimizer: Adam' : 'Optimizer: stochastic gradient descent'}
          </Text>
          <SimpleGrid cols={2} spacing="sm">
            {numberField('learningRate', optimizer.learningRate, (learningRate) =>
              setOwn(network, { optimizer: { ...optimizer, learningRate } }),
            )}
            {optimizer.kind === 'sgd' &&
              numberField('momentum', optimizer.momentum, (momentum) =>
                setOwn(network, { optimizer: { ...optimizer, momentum } }),
              )}
            {optimizer.kind === 'adam' &&
              (['beta1', 'beta2', 'epsilon'] as const).map((field) =>
                numberField(field, optimizer[field], (value) =>
                  setOwn(network, { optimizer: { ...optimizer, [field]: value } }),
                ),
              )}
          </SimpleGrid>
          <Text size="sm" fw={500}>
            Augmentation
          </Text>
          <SimpleGrid cols={2} spacing="sm">
            {AUGMENTATION_NUMBERS.map((field) =>
              numberField(field, augmentation[field], (value) =>
                setOwn(network, { augmentation: { ...augmentation, [field]: value } }),
              ),
            )}
          </SimpleGrid>
          <Switch
            label="Mirror left and right at random"
            checked={augmentation.horizontalFlip}
            onChange={({ currentTarget }) =>
              setOwn(network, { augmentation: { ...augmentation, horizontalFlip: currentTarget.checked } })
            }
          />
          <DescribedSwitch
            label="Clip to 0..255 after the noise"
            description="The notebook computes this clip and throws it away."
            checked={augmentation.clip}
            onChange={(clip) => setOwn(network, { augmentation: { ...augmentation, clip } })}
          />
          <NativeSelect
            label="Resizing"
            value={interpolation}
            data={[
              { value: 'nearest', label: 'Nearest pixel, as the notebook' },
              { value: 'bilinear', label: 'Bilinear' },
            ]}
            onChange={({ currentTarget }) =>
              setOwn(network, { interpolation: currentTarget.value === 'bilinear' ? 'bilinear' : 'nearest' })
            }
          />
          {network === 'inceptionv3' && (
            <NativeSelect
              label="Frozen BatchNorm"
              description="Statistics that its frozen layers normalise with."
              value={frozenBatchNorm}
              data={[
                { value: 'loaded', label: 'As loaded (Keras from 2.4 on)' },
                { value: 'batch', label: 'Of the batch (Keras 2.3, as the notebook ran)' },
              ]}
              onChange={({ currentTarget }) =>
                setOwn(network, { frozenBatchNorm: currentTarget.value === 'batch' ? 'batch' : 'loaded' })
              }
            />
          )}
          <ClassFields network={network} errors={errors} />
          <NumberField
            label={patience.label}
            description="epochs without a lower validation loss, after which the run ends"
            placeholder="off, as in the notebook"
            value={earlyStopping?.patience ?? null}
            min={patience.min}
            max={patience.max}
            whole={patience.whole}
            error={errors.patience}
            onChange={(typed) => setOwn(network, { earlyStopping: typed === null ? undefined : { patience: typed } })}
          />
          <SimpleGrid cols={2} spacing="sm">
            {(['everyEpochs', 'everyMinutes'] as const).map((field) =>
              numberField(field, checkpoints[field], (value) =>
                setOwn(network, { checkpoints: { ...checkpoints, [field]: value } }),
              ),
            )}
          </SimpleGrid>
          <Text size="xs" c="dimmed">
            A run that is cut off continues from its last checkpoint. The epoch of lowest loss and the last one are
            always kept.
          </Text>
          <Group justify="flex-end">
            <Button
              variant="default"
              size="xs"
              disabled={isNotebookOwn(network, own)}
              onClick={() => resetOwn(network)}
            >
              Reset to the notebook&apos;s
            </Button>
          </Group>
        </Stack>
      </fieldset>
    </div>
  );
}
