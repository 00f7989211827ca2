/** @file The warning of a nearly full disk, above every screen. */

import { isNearlyFull } from '../../state/storage-store';
import { useStorage } from '../../state/studio-context';
import { SentenceAlert } from '../../ui/sentence-alert';
import { fullSentences } from './storage-words';

export function StorageWarning() {
  const { disk, sizes, isWarningDismissed, dismissWarning } = useStorage((state) => state);
  if (!isNearlyFull(disk) || isWarningDismissed) return null;
  return (
    <SentenceAlert
      title="Storage is nearly full"
      sentences={[...fullSentences(disk, sizes), 'Storage, in the header, shows what can be deleted.']}
      tone="problem"
      onClose={dismissWarning}
    />
  );
}
