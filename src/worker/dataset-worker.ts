/** @file Entry of the dataset worker: files and pixels, away from the page's thread. */

import * as Comlink from 'comlink';
import { DatasetHandler } from './dataset-handler';

Comlink.expose(new DatasetHandler({ openRoot: () => navigator.storage.getDirectory() }));
