/**
 * @file The file worker's side: one file that another program made, opened and read piece by piece.
 *
 * A damaged file can send the HDF5 library into an endless loop that only the end of its worker ends. So the worker that
 * trains never opens such a file: it asks this one, and supervised-file.ts ends this one when it is stuck.
 */

import { type Reply, reply, StudioError } from '../domain/failure';
import type { ModelReading } from '../domain/model-reading';
import type { NetworkId } from '../domain/network';
import type { WeightsChoice } from '../exchange/foreign-file';
import { identifyBase, matchBase } from '../exchange/identify-base';
import type { KerasWeightsFile } from '../exchange/keras-file';
import type { MatchedWeights } from '../exchange/match-weights';
import { openKerasFile } from '../exchange/open-keras-file';
import { matchModel, readModel } from '../exchange/read-model';

export interface FileWorkerApi {
  /** Opens the file and lists its layers. First of all, and once. */
  open(file: File): Promise<Reply<null>>;
  /** What a whole model's file states. */
  readModel(): Promise<Reply<ModelReading>>;
  /** Which pretrained base the file holds. */
  identifyBase(): Promise<Reply<NetworkId>>;
  /** Finds every weight of the choice; afterwards {@link nextPiece} reads them. */
  chooseWeights(choice: WeightsChoice): Promise<Reply<null>>;
  /** The next numbers of the chosen weights, in their order; no piece spans two weights. Null after the last. */
  nextPiece(): Promise<Reply<Float32Array<ArrayBuffer> | null>>;
}

/** Opens one file and reads it as the studio worker asks. */
export class FileHandler implements FileWorkerApi {
  private opened: KerasWeightsFile | null = null;
  private pieces: AsyncIterator<Float32Array<ArrayBuffer>> | null = null;

  open(file: File): Promise<Reply<null>> {
    return reply(async () => {
      this.opened = await openKerasFile(file);
      return null;
    });
  }

  readModel(): Promise<Reply<ModelReading>> {
    return reply(() => readModel(this.file()));
  }

  identifyBase(): Promise<Reply<NetworkId>> {
    return reply(() => identifyBase(this.file()));
  }

  chooseWeights(choice: WeightsChoice): Promise<Reply<null>> {
    return reply(async () => {
      this.pieces = piecesOf(await this.match(choice));
      return null;
    });
  }

  nextPiece(): Promise<Reply<Float32Array<ArrayBuffer> | null>> {
    return reply(async () => {
      if (!this.pieces) throw new StudioError('unexpected', 'No weights were chosen.');
      const step = await this.pieces.next();
      return step.done ? null : step.value;
    });
  }

  private async match(choice: WeightsChoice): Promise<MatchedWeights> {
    switch (choice.kind) {
      case 'model':
        return matchModel(this.file(), await readModel(this.file()), choice.inputSize);
      case 'base':
        return matchBase(this.file(), choice.network);
      default:
        return choice satisfies never;
    }
  }

  private file(): KerasWeightsFile {
    if (!this.opened) throw new StudioError('unexpected', 'No file was opened.');
    return this.opened;
  }
}

async function* piecesOf({ weights }: MatchedWeights): AsyncGenerator<Float32Array<ArrayBuffer>> {
  for (const { pieces } of weights) yield* pieces();
}
