/** @file The report as a table for people. */

import type { DeviceKind } from '../domain/device';
import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import { formatKernels } from './kernel-table';
import type { BenchReport, NetworkReport, SoakReport } from './report';
import { MEASURED_SIDES, SIDE_NAMES, SIDE_TITLES, type SideName } from './side-name';
import { alignRows, bytesText, type Column, comparedColumns, numberText, sidesIn } from './table-text';

const EPOCH_IMAGES = 339;

function columnsOf(names: readonly SideName[], device: DeviceKind): Column<NetworkReport>[] {
  const epochText = ({ batch, sides }: NetworkReport, name: SideName) =>
    numberText(sides[name] && (sides[name].ms * EPOCH_IMAGES) / batch / 1000);
  const onGpu = names.filter((name) => name !== 'keras' && (name !== 'ours' || device === 'webgpu'));
  const dispatches: Column<NetworkReport> = {
    title: `dispatches ${onGpu.map((name) => SIDE_TITLES[name]).join(' / ')}`,
    text: ({ sides }) => onGpu.map((name) => sides[name]?.dispatches ?? '-').join(' / '),
  };
  return [
    { title: 'px', text: ({ inputSize }) => String(inputSize) },
    ...comparedColumns(names),
    ...names.map((name): Column<NetworkReport> => {
      return { title: `${SIDE_TITLES[name]} peak`, text: ({ sides }) => bytesText(sides[name]?.peakBytes) };
    }),
    ...(device === 'processor'
      ? [{ title: 'heap', text: ({ sides }: NetworkReport) => bytesText(sides.ours?.heapBytes) }]
      : []),
    { title: 'images/s', text: ({ imagesPerSecond }) => numberText(imagesPerSecond) },
    { title: 'GFLOP', text: ({ stepFlops }) => numberText(stepFlops / 1e9) },
    { title: 'least bytes', text: ({ stepBytes }) => bytesText(stepBytes) },
    { title: 'GFLOP/s', text: ({ gflops }) => numberText(gflops) },
    { title: 'of product', text: ({ shareOfGemm }) => numberText(shareOfGemm && shareOfGemm * 100, ' %') },
    ...(onGpu.length > 0 ? [dispatches] : []),
    {
      title: `epoch s ${names.map((name) => SIDE_TITLES[name]).join(' / ')}`,
      text: (report) => names.map((name) => epochText(report, name)).join(' / '),
    },
  ];
}

/** @returns the report as text, one line per network, kernel or reading. */
export function formatReport(report: BenchReport): string {
  const { adapter, processor, threads, build, webgpuAdapter, gemm } = report;
  const products = gemm.map(({ kernels, size, gflops }) => `${SIDE_TITLES[kernels]} ${size}: ${numberText(gflops)}`);
  const onProcessor = threads === undefined ? '' : `, threads: ${threads}, kernels: ${build}`;
  const lines = [
    `${adapter}${onProcessor}, commit ${report.commit}, ${report.date}`,
    ...(report.device === 'webgpu' ? [`Processor: ${processor}`] : []),
    ...(webgpuAdapter ? [`WebGPU: ${webgpuAdapter}`] : []),
    `Best matrix product ${numberText(report.gemmGflops)} GFLOP/s (${products.join(', ')})`,
  ];
  if (report.kernels) lines.push('', ...formatKernels(report.kernels));
  else if (report.soak) lines.push('', ...soakLines(report.soak));
  else lines.push('', ...networkLines(report));
  return lines.join('\n');
}

function networkLines({ networks, device, keras }: BenchReport): string[] {
  const present = NETWORK_IDS.flatMap((id) => {
    const network = networks[id];
    return network ? [{ name: NETWORKS[id].name, network }] : [];
  });
  const columns = columnsOf(sidesIn(present.map(({ network }) => network)), device);
  const rows = present.map(({ name, network }) => [name, ...columns.map(({ text }) => text(network))]);
  const augmented = present.some(({ network }) => network.augmentation);
  return [
    ...alignRows([['', ...columns.map(({ title }) => title)], ...rows]),
    '',
    `Medians of a training step; peak: ${PEAKS[device]}; epoch: 339 images.`,
    ...(keras ? [`Keras: ${keras.adapter}, ${keras.processor}, threads: ${keras.threads}, ${keras.date}`] : []),
    ...(keras && augmented ? ['The steps measured here begin with their augmentation; that of Keras has none.'] : []),
    ...present.flatMap(({ name, network }) => notesOf(name, network)),
  ];
}

const PEAKS: Record<DeviceKind, string> = {
  webgpu: 'bytes of all GPU buffers',
  processor:
    "bytes in use of the processor's memory, which had grown to what stands under heap; of all GPU buffers; of Keras' whole process",
};

function soakLines(soak: Partial<Record<NetworkId, SoakReport>>): string[] {
  const reports = NETWORK_IDS.flatMap((id) => {
    const found = soak[id];
    return found ? [{ name: NETWORKS[id].name, ...found }] : [];
  });
  const rows = reports.map(({ name, inputSize, batch, steps, seconds, peakBytes, readings, complaints }) => [
    name,
    ...[inputSize, batch, steps].map(String),
    numberText(seconds),
    bytesText(peakBytes),
    `${readings.at(0)?.usedBytes ?? '-'} / ${readings.at(-1)?.usedBytes ?? '-'}`,
    complaints.length === 0 ? 'flat' : 'FAILED',
  ]);
  return [
    ...alignRows([['', 'px', 'batch', 'steps', 'seconds', 'peak', 'bytes in use, first / last', ''], ...rows]),
    ...reports.flatMap(({ name, complaints }) => complaints.map((complaint) => `${name}: ${complaint}`)),
  ];
}

function notesOf(name: string, { failures, inTurn, sides }: NetworkReport): string[] {
  const notes = SIDE_NAMES.flatMap((side) =>
    failures[side] ? [`${name}, ${SIDE_TITLES[side]}: ${failures[side]}`] : [],
  );
  const measured = MEASURED_SIDES.filter((side) => sides[side]);
  if (!inTurn && measured.length > 1) notes.push(`${name}: all together did not fit; read one after the other.`);
  return notes;
}
