import { describe, expect, it } from 'vitest';
import { reply } from '../domain/failure';
import { startFileWorker } from './start-file-worker';
import { foreignFiles } from './supervised-file';

/** For sound files: with the usual limit, since a busy machine is slow. */
const readForeign = foreignFiles(startFileWorker);
const readImpatiently = foreignFiles(startFileWorker, 8000);

/** A small model that is none of the networks. */
async function small(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(`../exchange/fixtures/${name}`, import.meta.url));
  return new Uint8Array(await response.arrayBuffer());
}

async function hollow(name: string): Promise<File> {
  const packed = await (await fetch(new URL(`./fixtures/${name}.gzip`, import.meta.url))).blob();
  const unpacked = packed.stream().pipeThrough(new DecompressionStream('gzip'));
  return new File([await new Response(unpacked).arrayBuffer()], name);
}

/**
 * A file that the HDF5 library never stops reading: the first name in its heap of names claims to be longer than it is. The
 * heap begins with GCOL and 12 bytes more; the length of an object stands 8 bytes into it.
 */
async function endless(): Promise<File> {
  const bytes = await small('keras3.weights.h5');
  const heapAt = new TextDecoder('latin1').decode(bytes).indexOf('GCOL');
  new DataView(bytes.buffer).setUint16(heapAt + 24, 1000, true);
  return new File([bytes], 'endless.weights.h5');
}

const refusal = async (file: File, read = readForeign) => {
  const outcome = await reply(() => read(file, (opened) => opened.readModel()));
  if (outcome.ok) throw new Error(`${file.name} was expected to be refused`);
  expect(outcome.failure.code).toBe('bad-weights');
  return outcome.failure.sentence;
};

describe('a file in a worker of its own', () => {
  it('is given up when the HDF5 library loops in it, and the next one is read', { tags: 'long' }, async () => {
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 20);
    expect(await refusal(await endless(), readImpatiently)).toMatch(/^endless\.weights\.h5 is damaged, .* 8 seconds/);
    clearInterval(ticking);
    // This thread was never blocked.
    expect(ticks).toBeGreaterThan(20);
    const sound = await hollow('densenet121-keras3.weights.h5');
    const reading = await readForeign(sound, (opened) => opened.readModel());
    expect(reading).toMatchObject({ network: 'densenet121', classCount: 3, inputSize: { kind: 'asked', min: 32 } });
  });

  it('is refused in a sentence that names it when it is no Keras file', async () => {
    const words = new File(['These are no weights.'], 'words.keras');
    expect(await refusal(words)).toContain('words.keras');
    const whole = await small('keras3-model.keras');
    expect(await refusal(new File([whole.slice(0, 9000)], 'cut.keras'))).toContain('cut.keras');
    expect(await refusal(new File([], 'empty.h5'))).toBe('empty.h5 is empty.');
  });

  it('is refused when it claims to unpack to far more than it is', async () => {
    const bytes = await small('keras3-deflated.keras');
    const text = new TextDecoder('latin1').decode(bytes);
    // The directory's entry of the weights: 22 bytes before the name's own fields end stands the unpacked length.
    const nameAt = text.lastIndexOf('model.weights.h5');
    new DataView(bytes.buffer).setUint32(nameAt - 46 + 24, 2 ** 31, true);
    expect(await refusal(new File([bytes], 'bomb.keras'))).toMatch(
      /^bomb\.keras cannot be used: .*2,147,483,648 bytes/,
    );
  });

  it('gives the weights of a base in the order of its layers, as many as there are', async () => {
    const whole = await hollow('vgg16-keras3-model.h5');
    let count = 0;
    const network = await readForeign(whole, async (opened) => {
      const identified = await opened.identifyBase();
      for await (const piece of opened.readWeights({ kind: 'base', network: identified })) count += piece.length;
      return identified;
    });
    expect(network).toBe('vgg16');
    // Keras' VGG16 without its top.
    expect(count).toBe(14_714_688);
  });
});
