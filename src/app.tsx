/** @file The shell: header with the status line of the device, the four screens as tabs, and notices for the whole page. */

import { ActionIcon, Anchor, Box, Container, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { IconBolt, IconChartLine, IconDatabase, IconFolder, IconScan } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import classes from './app.module.css';
import type { SweptLeftovers } from './domain/protocol';
import { CompareScreen } from './screens/compare/compare-screen';
import { DatasetScreen } from './screens/dataset/dataset-screen';
import { ExplainScreen } from './screens/explain/explain-screen';
import { InterruptedBanner } from './screens/interrupted-banner';
import { StorageDialog } from './screens/storage/storage-dialog';
import { StorageWarning } from './screens/storage/storage-warning';
import { TrainScreen } from './screens/train/train-screen';
import { useDevice, useOffline, useSentBytes, useStorage, useTraining, useUpkeep } from './state/studio-context';
import { ColourSchemeToggle } from './ui/colour-scheme-toggle';
import { DeviceLine } from './ui/device-line';
import { Disclaimer } from './ui/disclaimer';
import { ErrorBoundary } from './ui/error-boundary';
import { formatMegabytes } from './ui/format';
import { SentBytesLine } from './ui/sent-bytes-line';
import { SentenceAlert } from './ui/sentence-alert';
import { VersionNotice } from './ui/version-notice';

const SCREENS = [
  { name: 'Dataset', icon: <IconFolder size={16} /> },
  { name: 'Train', icon: <IconBolt size={16} /> },
  { name: 'Compare', icon: <IconChartLine size={16} /> },
  { name: 'Explain', icon: <IconScan size={16} /> },
] as const;

type ScreenName = (typeof SCREENS)[number]['name'];

export function App() {
  const [screen, setScreen] = useState<ScreenName>('Dataset');
  const { status, failure, choosing, choose, refusal, dismissRefusal } = useDevice((state) => state);
  const advice = failure ?? status?.advice ?? null;
  const isTraining = useTraining((state) => state.active);
  const { swept, dismissSwept, troubles, dismissTroubles } = useUpkeep((state) => state);
  const { kept, update, refusal: updateRefusal, takeUpdate } = useOffline((state) => state);
  const sentBytes = useSentBytes((state) => state.sentBytes);
  useUnloadWarning();
  useHarmlessMisses();

  return (
    <Tabs
      value={screen}
      onChange={(value) => setScreen(SCREENS.find(({ name }) => name === value)?.name ?? 'Dataset')}
      keepMounted={false}
    >
      <header className={classes.header}>
        <Container size="xl">
          <Group justify="space-between" wrap="nowrap" gap="sm" py="xs">
            <Group gap="xs" wrap="nowrap">
              <img src="/thorax.svg" alt="" width={28} height={28} />
              <Title order={1} size="h3">
                Thorax
              </Title>
            </Group>
            <Group gap="sm" wrap="nowrap" className={classes.right}>
              <DeviceLine
                status={status}
                failure={failure}
                choosing={choosing}
                isTraining={isTraining}
                onChoose={(kind) => void choose(kind)}
              />
              <StorageButton />
              <ColourSchemeToggle />
            </Group>
          </Group>
          <Tabs.List className={classes.tabs}>
            {SCREENS.map(({ name, icon }) => (
              <Tabs.Tab
                key={name}
                value={name}
                leftSection={
                  <Box visibleFrom="xs" className={classes.icon}>
                    {icon}
                  </Box>
                }
              >
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Container>
      </header>
      <Container size="xl" py="lg" component="main">
        <Stack gap="lg">
          {update !== 'none' && (
            <VersionNotice
              update={update}
              refusal={updateRefusal}
              isTraining={isTraining}
              onTake={() => void takeUpdate()}
            />
          )}
          {advice && <SentenceAlert title="About the device" sentences={[advice]} tone="notice" />}
          {refusal && (
            <SentenceAlert
              title="The device was not changed"
              sentences={[refusal]}
              tone="problem"
              onClose={dismissRefusal}
            />
          )}
          <StorageWarning />
          {troubles.length > 0 && (
            <SentenceAlert
              title="A part of Thorax had trouble"
              sentences={troubles}
              tone="problem"
              onClose={dismissTroubles}
            />
          )}
          {swept && (
            <SentenceAlert
              title="About the stored runs"
              sentences={[sweptSentence(swept)]}
              tone="notice"
              onClose={dismissSwept}
            />
          )}
          {(screen === 'Dataset' || screen === 'Train') && <InterruptedBanner onContinued={() => setScreen('Train')} />}
          {SCREENS.map(({ name }) => (
            <Tabs.Panel key={name} value={name}>
              <ErrorBoundary>{showScreen(name, setScreen)}</ErrorBoundary>
            </Tabs.Panel>
          ))}
        </Stack>
      </Container>
      <StorageDialog />
      <Container size="xl" pb="lg" component="footer">
        <Group justify="space-between" gap="xs">
          <Disclaimer />
          <SentBytesLine sentBytes={sentBytes} />
          <Group gap="xs">
            {kept && (
              <Text size="xs" c="dimmed">
                Starts without a network.
              </Text>
            )}
            <Anchor href="/third-party-notices.txt" target="_blank" rel="noopener" size="xs">
              Third-party notices
            </Anchor>
          </Group>
        </Group>
      </Container>
    </Tabs>
  );
}

function StorageButton() {
  const open = useStorage((state) => state.open);
  return (
    <ActionIcon variant="default" size="lg" aria-label="Storage" title="Storage" onClick={() => void open()}>
      <IconDatabase size={18} />
    </ActionIcon>
  );
}

function showScreen(name: ScreenName, open: (name: ScreenName) => void) {
  switch (name) {
    case 'Dataset':
      return <DatasetScreen onContinue={() => open('Train')} />;
    case 'Train':
      return <TrainScreen onOpenDataset={() => open('Dataset')} />;
    case 'Compare':
      return <CompareScreen onBegin={() => open('Train')} />;
    case 'Explain':
      return <ExplainScreen onBegin={() => open('Train')} />;
    default:
      return name satisfies never;
  }
}

function sweptSentence({ count, sizeBytes }: SweptLeftovers): string {
  return `Removed ${count} ${count === 1 ? 'leftover' : 'leftovers'} of interrupted work, ${formatMegabytes(sizeBytes)}.`;
}

/** Closing the page in the middle of a training asks first. */
function useUnloadWarning() {
  const active = useTraining((state) => state.active);
  useEffect(() => {
    if (!active) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [active]);
}

/** A file dropped beside a region must not make the browser leave the page for it. */
function useHarmlessMisses() {
  useEffect(() => {
    const ignore = (event: DragEvent) => event.preventDefault();
    window.addEventListener('dragover', ignore);
    window.addEventListener('drop', ignore);
    return () => {
      window.removeEventListener('dragover', ignore);
      window.removeEventListener('drop', ignore);
    };
  }, []);
}
