/**
 * @file Tells what this page or worker sends to the pages of the studio, which add it up.
 *
 * Every entry calls it before anything else. The channel reaches all tabs, so that a tab's sum contains what another sent
 * meanwhile: rather too much than too little.
 */

import { countSentBytes } from './sent-bytes';

export const SENT_BYTES_CHANNEL = 'thorax-sent-bytes';

export function announceSentBytes(): void {
  const channel = new BroadcastChannel(SENT_BYTES_CHANNEL);
  countSentBytes(self, (bytes) => channel.postMessage(bytes));
}
