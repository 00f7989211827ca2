/** @file Chromium's own record of its network: every request of every page, worker and service worker, whatever the code sees. */

import { readFileSync } from 'node:fs';

interface NetLog {
  constants: { logEventTypes: Record<string, number> };
  events: { type: number; params?: { url?: string; initiator?: string } }[];
}

/** The addresses that pages of `origin` asked for; the file is complete when the browser has been closed. */
export function requestsInNetLog(path: string, origin: string): string[] {
  const { constants, events } = JSON.parse(readFileSync(path, 'utf8')) as NetLog;
  const start = constants.logEventTypes.URL_REQUEST_START_JOB;
  return events.flatMap(({ type, params }) =>
    type === start && params?.url && params.initiator === origin ? [params.url] : [],
  );
}
