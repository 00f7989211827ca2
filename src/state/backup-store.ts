/** @file Backups of the whole project, made and restored: progress, cancel, and what became of the last one. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { BackupReport, BackupRequest, BackupSource, RestoreReport } from '../domain/backup';
import type { Failure } from '../domain/failure';
import type { TransferProgress } from '../domain/protocol';
import type { StudioClient } from './worker-clients';

export interface BackupState {
  /** The one that is going on; its progress is null until something was written or read. */
  going: { kind: 'backup' | 'restore'; progress: TransferProgress | null } | null;
  /** What became of the last one; null once the next has begun. */
  made: BackupReport | null;
  restored: RestoreReport | null;
  failure: string | null;
  backUp(request: BackupRequest): Promise<void>;
  restore(source: BackupSource): Promise<void>;
  cancel(): Promise<void>;
  /** Shows why nothing could be chosen. */
  reportFailure(sentence: string): void;
}

interface BackupDependencies {
  api: Pick<StudioClient, 'backUp' | 'restoreBackup' | 'cancelBackup'>;
  saveFile(file: File): void;
  /** What is stored has changed: the page reads it again. */
  reload(): Promise<void>;
}

export function createBackupStore({ api, saveFile, reload }: BackupDependencies): StoreApi<BackupState> {
  return createStore<BackupState>((set, get) => {
    function begin(kind: 'backup' | 'restore'): ((progress: TransferProgress) => void) | null {
      if (get().going) return null;
      const going = { kind, progress: null };
      set({ going, made: null, restored: null, failure: null });
      return (progress) => {
        // Progress that arrives after the reply is out of date.
        if (get().going) set({ going: { kind, progress } });
      };
    }

    return {
      going: null,
      made: null,
      restored: null,
      failure: null,

      async backUp(request) {
        const onProgress = begin('backup');
        if (!onProgress) return;
        const outcome = await api.backUp(request, onProgress);
        set({ going: null });
        if (outcome.ok) {
          set({ made: outcome.value });
          if (outcome.value.file) saveFile(outcome.value.file);
        } else set({ failure: failureWords(outcome.failure, 'The backup was cancelled; nothing of it was kept.') });
      },

      async restore(source) {
        const onProgress = begin('restore');
        if (!onProgress) return;
        const outcome = await api.restoreBackup(source, onProgress);
        set({ going: null });
        if (outcome.ok) set({ restored: outcome.value });
        else
          set({
            failure: failureWords(
              outcome.failure,
              'The restore was cancelled; whole runs that were restored before that are kept.',
            ),
          });
        await reload();
      },

      async cancel() {
        await api.cancelBackup();
      },

      reportFailure: (failure) => set({ failure }),
    };
  });
}

function failureWords({ code, sentence }: Failure, cancelled: string): string {
  return code === 'cancelled' ? cancelled : sentence;
}
