/**
 * @file `AugmentImages`: from packed uint8 pixels to a network's input: affine, flip, noise, clip, times 1/255.
 *
 * The affine as scipy.ndimage.affine_transform with order 1 and mode "nearest"; the noise as base/hash-noise.ts, of which
 * {@link HASH_NORMAL} is the WGSL twin.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { AugmentImagesAttributes, AugmentImagesInputs } from '../augment-inputs';
import { ELEMENT_MAIN, ELEMENT_THREADS } from './element-pass';
import { runPass, spreadWorkgroups } from './webgpu-pass';

const HASH_NORMAL = `
fn hashNormal(seed: u32, index: u32) -> f32 {
  var v = vec3<u32>(seed, index, 0x9e3779b9u) * 1664525u + 1013904223u;
  v.x += v.y * v.z; v.y += v.z * v.x; v.z += v.x * v.y;
  v ^= v >> vec3<u32>(16u);
  v.x += v.y * v.z; v.y += v.z * v.x; v.z += v.x * v.y;
  let radius = sqrt(-2.0 * log(f32((v.x >> 8u) + 1u) / 16777216.0));
  // WGSL's own cos may be off by 2^-11. With t in [-1/2, 1/2), cos(2 pi t) = sin(a): a series good to 6e-8.
  let a = 6.283185307179586 * (0.25 - abs(f32(v.y >> 8u) / 16777216.0 - 0.5));
  let s = a * a;
  let series = 1.0 - s / 6.0 * (1.0 - s / 20.0 * (1.0 - s / 42.0 * (1.0 - s / 72.0 * (1.0 - s / 110.0))));
  return radius * a * series;
}
`;

const codeFor = (clip: boolean) => `${HASH_NORMAL}
fn pixelAt(image: u32, row: i32, column: i32) -> vec3<f32> {
  let first = ((image * uniforms.side + u32(row)) * uniforms.side + u32(column)) * 3;
  var color = vec3<f32>(0.0);
  for (var channel = 0u; channel < 3u; channel++) {
    let at = first + channel;
    color[channel] = f32((pixels[at >> 2u] >> ((at & 3u) * 8u)) & 255u);
  }
  return color;
}
${ELEMENT_MAIN}
  let row = f32((i / uniforms.side) % uniforms.side);
  let image = i / (uniforms.side * uniforms.side);
  let plain = i % uniforms.side;
  let column = f32(select(plain, uniforms.side - 1 - plain, flips[image] != 0));
  let t = image * 6;
  let last = f32(uniforms.side - 1);
  let y = clamp(transforms[t] * row + transforms[t + 1] * column + transforms[t + 2], 0.0, last);
  let x = clamp(transforms[t + 3] * row + transforms[t + 4] * column + transforms[t + 5], 0.0, last);
  let top = i32(floor(y));
  let left = i32(floor(x));
  let bottom = min(top + 1, i32(last));
  let right = min(left + 1, i32(last));
  let upper = mix(pixelAt(image, top, left), pixelAt(image, top, right), x - floor(x));
  let lower = mix(pixelAt(image, bottom, left), pixelAt(image, bottom, right), x - floor(x));
  let color = mix(upper, lower, y - floor(y));
  let sigma = noise[image];
  for (var channel = 0u; channel < 3u; channel++) {
    var value = color[channel];
    if (sigma > 0.0) {
      let element = (i - image * uniforms.side * uniforms.side) * 3 + channel;
      value += sigma * hashNormal(bitcast<u32>(seeds[image]), element);
    }
    result[i * 3 + channel] = ${clip ? 'clamp(value, 0.0, 255.0)' : 'value'} / 255.0;
  }
}`;

/** To float32 [B, S, S, 3]. */
export function augmentImages(
  backend: WebGPUBackend,
  { pixels, transforms, flips, noise, seeds }: AugmentImagesInputs,
  { batch, size, clip }: AugmentImagesAttributes,
): TensorInfo {
  const result = backend.makeTensorInfo([batch, size, size, 3], 'float32');
  const count = batch * size * size;
  runPass(backend, {
    key: ['augment-images', clip].join(),
    buffers: [
      { name: 'result', tensor: result, access: 'read_write' },
      { name: 'pixels', tensor: pixels, access: 'read', element: 'u32' },
      { name: 'transforms', tensor: transforms, access: 'read' },
      { name: 'flips', tensor: flips, access: 'read' },
      { name: 'noise', tensor: noise, access: 'read' },
      { name: 'seeds', tensor: seeds, access: 'read' },
    ],
    uniforms: { size: { type: 'u32', value: count }, side: { type: 'u32', value: size } },
    code: () => codeFor(clip),
    workgroups: spreadWorkgroups(Math.ceil(count / ELEMENT_THREADS)),
  });
  return result;
}
