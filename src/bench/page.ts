/** @file The benchmark in a browser: shows what the worker tells and sends it on to the terminal. */

import type { BenchEvent } from './report';
import { formatReport } from './table';

const output = document.querySelector('#output');
const worker = new Worker(new URL('./bench-worker.ts', import.meta.url), { type: 'module' });
let sent: Promise<unknown> = Promise.resolve();

worker.onmessage = ({ data }: MessageEvent<BenchEvent>) => tell(data);
worker.onerror = ({ message }) => tell({ type: 'failed', sentence: `The benchmark ended: ${message}` });

function tell(event: BenchEvent): void {
  const text =
    event.type === 'line' ? event.text : event.type === 'failed' ? event.sentence : formatReport(event.report);
  output?.append(`${text}\n`);
  // One after the other, so that the terminal has them in order; without a terminal the page alone shows them.
  sent = sent.then(() => fetch('/bench-event', { method: 'POST', body: JSON.stringify(event) })).catch(() => undefined);
}

const answer = await fetch('/bench-task');
worker.postMessage(await answer.json());
