/** @file The page's entry: starts the workers, builds the stores, renders the app. */

import '@mantine/core/styles.css';
import './ui/page.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { announceSentBytes } from './base/announce-sent-bytes';
import { createStudio, loadStudio, reloadStudioWorker, type StudioStorage } from './state/studio';
import { StudioProvider } from './state/studio-context';
import { startWorkerClients } from './state/worker-clients';
import { recallFolder, recallFolderOf, rememberFolder } from './storage/folder-store';
import { findGoingRuns, isAnyTraining, untilRunEnded } from './storage/locks';
import { openRunStore, type RunStore } from './storage/run-store';
import { cssVariablesResolver, theme } from './theme';

announceSentBytes();

const storage: StudioStorage = {
  folder: { remember: rememberFolder, recall: recallFolder, recallOf: recallFolderOf },
  runs: {
    findGoing: findGoingRuns,
    untilEnded: untilRunEnded,
    list: () => withRuns((runs) => runs.list()),
    readRaw: (id) => withRuns((runs) => runs.readRaw(id)),
  },
};

/** One connection per reading, so that the page never blocks the upgrade of another tab. */
async function withRuns<T>(read: (runs: RunStore) => Promise<T>): Promise<T> {
  const runs = await openRunStore();
  try {
    return await read(runs);
  } finally {
    runs.close();
  }
}

const clients = startWorkerClients({
  onTrouble: (sentence) => studio.upkeep.getState().reportTrouble(sentence),
  onStudioRestarted: () => reloadStudioWorker(studio),
  onStudioGivenUp: () => void studio.training.getState().workerGone(),
  onDatasetRestarted: () => void studio.dataset.getState().workerRestarted(),
});
const studio = createStudio(clients, storage, {
  // The development server serves sources, which change.
  container: import.meta.env.PROD && 'serviceWorker' in navigator ? navigator.serviceWorker : null,
  isTraining: isAnyTraining,
  reload: () => location.reload(),
});
loadStudio(studio);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root.');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <StudioProvider value={studio}>
        <App />
      </StudioProvider>
    </MantineProvider>
  </StrictMode>,
);
