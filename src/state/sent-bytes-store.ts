/** @file The bytes that the page and its workers have sent, added up since the page was opened. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { SENT_BYTES_CHANNEL } from '../base/announce-sent-bytes';

export interface SentBytesState {
  sentBytes: number;
}

/** Listens from now on, to the end of the page. */
export function createSentBytesStore(): StoreApi<SentBytesState> {
  const store = createStore<SentBytesState>(() => ({ sentBytes: 0 }));
  new BroadcastChannel(SENT_BYTES_CHANNEL).onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'number') store.setState(({ sentBytes }) => ({ sentBytes: sentBytes + data }));
  };
  return store;
}
