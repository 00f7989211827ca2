import { beforeAll, describe, expect, it } from 'vitest';
import text from '../../e2e/reference/fixtures/grad-cam.jsonl?raw';
import { buildNetwork } from '../architectures/build-network';
import { readFixture, relativeDistance, type Sketch } from '../base/reference-test-kit';
import { resizeMap } from '../base/resize-map';
import type { NetworkId } from '../domain/network';
import { ASKED_KERNELS, LONG_ON_WEBGPU, startKernels } from '../kernels/device-test-kit';
import { referenceInput, referenceNetwork } from '../networks/keras-test-kit';
import { readEvidence } from './evidence';
import { gradCam } from './grad-cam';

interface KerasHeatmap {
  network: NetworkId;
  inputSize: number;
  layer: string;
  classIndex: number;
  probabilities: number[];
  /** Rows of the map scaled to 0..1; null when nothing is positive. */
  map: number[][] | null;
  /** tf.image.resize, bilinear, to the input size. */
  resized: Sketch | null;
}

const cases = readFixture<unknown, KerasHeatmap>(text).lines;
/** The others take up to half a minute each where no GPU is. */
const isQuick = ({ network }: KerasHeatmap) => network === 'baseline';

describe('Grad-CAM against Keras’ GradientTape', () => {
  beforeAll(() => startKernels(ASKED_KERNELS));

  const name = '$network at $inputSize pixels, layer $layer, class $classIndex';
  it.each(cases.filter(isQuick))(name, isLikeKeras);
  it.each(cases.filter((one) => !isQuick(one)))(name, LONG_ON_WEBGPU, isLikeKeras);

  async function isLikeKeras(expected: KerasHeatmap) {
    const { network: id, inputSize, layer, classIndex } = expected;
    const network = referenceNetwork(buildNetwork(id, inputSize, 3));
    const x = referenceInput('grad-cam', 1, inputSize);
    const evidence = await readEvidence(network, x, classIndex);
    const { featureMap, probabilities } = evidence;
    const map = gradCam(evidence);
    const largest = Math.max(...map);
    expect(featureMap.name).toBe(layer);
    for (const [index, value] of expected.probabilities.entries()) {
      expect(Math.abs(probabilities[index] - value), `probability ${index}`).toBeLessThan(1e-3);
    }
    if (!expected.map || !expected.resized) {
      expect(largest).toBe(0);
    } else {
      const values = expected.map.flat();
      expect([featureMap.height, featureMap.width]).toEqual([expected.map.length, expected.map[0].length]);
      for (const [place, value] of values.entries()) {
        expect(Math.abs(map[place] / largest - value), `${layer}[${place}]`).toBeLessThan(1e-3);
      }
      const scaled = map.map((value) => value / largest);
      const resized = resizeMap(scaled, featureMap, { height: inputSize, width: inputSize });
      expect(relativeDistance('resized', resized, expected.resized)).toBeLessThan(1e-3);
    }
    x.dispose();
    network.dispose();
  }
});
