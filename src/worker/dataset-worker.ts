/** @file Entry of the dataset worker: files and pixels, away from the page's thread. */

import * as Comlink from 'comlink';
import { announceSentBytes } from '../base/announce-sent-bytes';
import type { Reply } from '../domain/failure';
import type { DatasetWorkerApi } from '../domain/protocol';
import { DatasetHandler } from './dataset-handler';
import { holdLifeLock } from './hold-life-lock';

announceSentBytes();

class DatasetWorker extends DatasetHandler implements DatasetWorkerApi {
  holdLifeLock(lockName: string): Promise<Reply<null>> {
    return holdLifeLock(lockName);
  }
}

Comlink.expose(new DatasetWorker({ openRoot: () => navigator.storage.getDirectory() }));
