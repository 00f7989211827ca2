/** @file The warning of a full or nearly full disk, above every screen. */

import { isNearlyFull } from '../../state/storage-store';
import { useStorage } from '../../state/studio-context';
import { SentenceAlert } from '../../ui/sentence-alert';
import { fullSentences } from './storage-words';

export function StorageWarning() {
  const { disk, sizes, isFull, isWarningDismissed, dismissWarning } = useStorage((state) => state);
  if (isWarningDismissed || !(isFull || isNearlyFull(disk))) return null;
  return (
    <SentenceAlert
      title={isFull ? 'Storage is full' : 'Storage is nearly full'}
      sentences={[...fullSentences(isFull ? null : disk, sizes), 'Storage, in the header, shows what can be deleted.']}
      tone="problem"
      onClose={dismissWarning}
    />
  );
}
