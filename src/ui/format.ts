/** @file Numbers as the screens write them. */

/** `1,626,683` */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** `1.6 M`, `134 M`: for cards, where the exact figure does not fit. */
export function formatMillions(count: number): string {
  if (count < 1e5) return formatCount(count);
  const millions = count / 1e6;
  return `${millions.toFixed(millions < 10 ? 1 : 0)} M`;
}

/** `210.9 s`, as the notebook writes times; past an hour `75.2 min`. */
export function formatRunTime(timeMs: number): string {
  const seconds = timeMs / 1000;
  return seconds < 3600 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/** For waiting people: `8 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** `0.867 (39/45)` */
export function formatAccuracy(correct: number, total: number): string {
  return `${(correct / total).toFixed(3)} (${correct}/${total})`;
}

/** `412 MB`, `0.3 MB`: binary megabytes as browsers count them. */
export function formatMegabytes(sizeBytes: number): string {
  const megabytes = sizeBytes / 2 ** 20;
  return `${megabytes < 10 ? megabytes.toFixed(1) : formatCount(Math.round(megabytes))} MB`;
}

/** `0.3 MB`, `412 MB`, `2.75 GB`: what lies on a disk. */
export function formatStored(sizeBytes: number): string {
  return sizeBytes < 1000 * 2 ** 20 ? formatMegabytes(sizeBytes) : `${(sizeBytes / 2 ** 30).toFixed(2)} GB`;
}

/** `330 MB`, `2.8 GB`: two digits, for estimates. */
export function formatRoughBytes(sizeBytes: number): string {
  const megabytes = sizeBytes / 2 ** 20;
  return megabytes < 995 ? `${twoDigits(megabytes)} MB` : `${twoDigits(megabytes / 1024)} GB`;
}

/** `0.4 s`, `41 s`, `3.1 min`, `2.5 h`, `12 days`: two digits, for estimates. */
export function formatRoughDuration(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 60) return `${twoDigits(seconds)} s`;
  if (seconds < 3600) return `${twoDigits(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${twoDigits(seconds / 3600)} h`;
  return `${twoDigits(seconds / 86_400)} days`;
}

/** `0.42`, `3.4`, `1,240`: billions of operations a second, without the unit. */
export function formatGflops(gflops: number): string {
  return gflops < 10 ? gflops.toPrecision(2) : formatCount(Math.round(gflops));
}

/** Losses and accuracies in logs: four digits after the point; `-` for what was not measured. */
export function formatMeasure(value: number | null): string {
  return value === null ? '-' : value.toFixed(4);
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2));
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** `May 1, 2026, 3:04 PM`. */
export function formatDate(ms: number): string {
  return new Date(ms).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** A number beside an axis, short at any size: 0.25, 1.2, 150K, 2.1e35. */
export function formatTick(value: number): string {
  return value < 1e15 ? COMPACT.format(value) : value.toExponential(1).replace('e+', 'e');
}
