/** @file The benchmark in a browser: shows what the worker reports and sends it on to the terminal. */

import type { BenchEvent } from './report';
import { formatReport } from './table';

const output = document.querySelector('#output');
const worker = new Worker(new URL('./bench-worker.ts', import.meta.url), { type: 'module' });
let sent: Promise<unknown> = Promise.resolve();

worker.onmessage = ({ data }: MessageEvent<BenchEvent>) => show(data);
worker.onerror = ({ message }) => show({ type: 'failed', sentence: `The benchmark ended: ${message}` });

function show(event: BenchEvent): void {
  output?.append(`${textOf(event)}\n`);
  // One after the other, so that the terminal has them in order; without a terminal the page alone shows them.
  sent = sent.then(() => fetch('/bench-event', { method: 'POST', body: JSON.stringify(event) })).catch(() => undefined);
}

function textOf(event: BenchEvent): string {
  switch (event.type) {
    case 'line':
      return event.text;
    case 'failed':
      return event.sentence;
    case 'measured':
      return '';
    case 'report':
      return formatReport(event.report);
    default:
      return event satisfies never;
  }
}

const response = await fetch('/bench-task');
worker.postMessage(await response.json());
