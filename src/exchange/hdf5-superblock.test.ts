import { describe, expect, it } from 'vitest';
import { checkSuperblock } from './hdf5-superblock';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** A file that begins with a superblock saying that the file ends at `endBytes`. */
function hdf5(version: 0 | 1 | 2 | 3, endBytes: number, actualBytes: number, at = 0): File {
  const bytes = new Uint8Array(actualBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([...SIGNATURE, version], at);
  bytes[at + (version < 2 ? 13 : 9)] = 8;
  const addressesAt = [24, 28, 12, 12][version];
  view.setBigUint64(at + addressesAt + 16, BigInt(endBytes), true);
  return new File([bytes], 'weights.h5');
}

describe('checkSuperblock', () => {
  it('passes whole files of every version, also behind a user block', async () => {
    for (const version of [0, 1, 2, 3] as const) await checkSuperblock(hdf5(version, 100, 100));
    await checkSuperblock(hdf5(0, 2000, 2000, 1024));
    await checkSuperblock(hdf5(2, 100, 150));
  });

  it('refuses by name a file that is cut short, empty or of another kind', async () => {
    for (const version of [0, 1, 2, 3] as const) {
      await expect(checkSuperblock(hdf5(version, 5000, 100))).rejects.toMatchObject({
        code: 'bad-weights',
        message: 'weights.h5 is cut short: 100 of 5,000 bytes are there. Download it again.',
      });
    }
    await expect(checkSuperblock(new File([], 'weights.h5'))).rejects.toThrow('weights.h5 is empty.');
    const page = new File(['<html>Not found</html>'.repeat(100)], 'weights.h5');
    await expect(checkSuperblock(page)).rejects.toThrow('weights.h5 is not an HDF5 file');
  });
});
