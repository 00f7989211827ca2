/**
 * @file The official weights on this machine: fetched from upstream once, checked, and kept outside the repository.
 *
 * A fetch writes to a temporary file, hashing as it goes, and renames it when length and MD5 are Keras'. A broken
 * connection goes on where it broke. Requests that come meanwhile share the one fetch.
 * The cache is `$XDG_CACHE_HOME/thorax`, or `~/.cache/thorax`. `THORAX_PRETRAINED_UPSTREAM` names another upstream: an
 * address to which the file's name is added.
 */

import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CONNECTIONS = 4;
/** An upstream that sends nothing for so long counts as gone. */
const SILENCE_MS = 30_000;

/** A failure with a sentence for the person; `restart` means that the bytes so far are useless. */
export class FetchFailure extends Error {
  /**
   * @param {string} sentence
   * @param {{ restart?: boolean, cause?: unknown }} [options]
   */
  constructor(sentence, { restart = false, cause } = {}) {
    super(sentence, { cause });
    this.restart = restart;
  }
}

/** @typedef {{ fileName: string, url: string, sizeBytes: number, md5: string }} CatalogueFile */

export class PretrainedCache {
  /** @param {{ folder?: string, upstream?: string | null, pauseMs?: number }} [options] */
  constructor({
    folder = cacheFolder(),
    upstream = process.env.THORAX_PRETRAINED_UPSTREAM ?? null,
    pauseMs = 500,
  } = {}) {
    this.folder = folder;
    this.upstream = upstream;
    /** Between two connections of one fetch. */
    this.pauseMs = pauseMs;
    /** @type {Map<string, PretrainedFetch>} */
    this.fetches = new Map();
  }

  /**
   * Path of the checked file, or null when it has to be fetched.
   * @param {CatalogueFile} file
   */
  async find({ fileName, sizeBytes }) {
    const path = join(this.folder, fileName);
    const size = await sizeOf(path);
    return size === sizeBytes ? path : null;
  }

  /**
   * The fetch that is going on for a file; starts one where there is none.
   * @param {CatalogueFile} file
   */
  fetch(file) {
    const running = this.fetches.get(file.fileName);
    if (running) return running;
    const fetching = new PretrainedFetch(file, this.folder, this.addressOf(file), this.pauseMs);
    this.fetches.set(file.fileName, fetching);
    fetching.done.catch(() => undefined).then(() => this.fetches.delete(file.fileName));
    return fetching;
  }

  /** @param {CatalogueFile} file */
  addressOf({ fileName, url }) {
    return this.upstream ? `${this.upstream.replace(/\/$/, '')}/${fileName}` : url;
  }
}

/** One fetch: its progress and its outcome. Emits `progress` whenever either has changed. */
export class PretrainedFetch extends EventEmitter {
  /**
   * @param {CatalogueFile} file
   * @param {string} folder
   * @param {string} address
   * @param {number} pauseMs between two connections.
   */
  constructor(file, folder, address, pauseMs) {
    super();
    this.setMaxListeners(0);
    this.file = file;
    this.path = join(folder, file.fileName);
    this.partPath = `${this.path}.part`;
    this.address = address;
    this.folder = folder;
    this.pauseMs = pauseMs;
    this.doneBytes = 0;
    /** Over the bytes fetched so far. */
    this.hash = createHash('md5');
    /** @type {FetchFailure | null} */
    this.failure = null;
    this.isChecked = false;
    /** Resolves with the checked file's path. */
    this.done = this.run().then(
      () => {
        this.isChecked = true;
        this.emit('progress');
        return this.path;
      },
      (error) => {
        this.failure = error instanceof FetchFailure ? error : this.diskFailure(error);
        this.emit('progress');
        throw this.failure;
      },
    );
    this.done.catch(() => undefined);
  }

  /** Where bytes 0 to {@link doneBytes} can be read. */
  get readablePath() {
    return this.isChecked ? this.path : this.partPath;
  }

  async run() {
    const { sizeBytes, md5 } = this.file;
    await mkdir(this.folder, { recursive: true });
    this.startAnew();
    const present = (await sizeOf(this.partPath)) ?? 0;
    if (present > sizeBytes) await rm(this.partPath, { force: true });
    else if (present > 0) await this.hashPart();
    let cause = null;
    for (let connection = 0; this.doneBytes < sizeBytes && connection < CONNECTIONS; connection += 1) {
      if (connection > 0) await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
      try {
        await this.receive();
      } catch (error) {
        if (error instanceof FetchFailure || isDiskError(error)) throw error;
        cause = error;
      }
    }
    if (this.doneBytes < sizeBytes) throw this.interrupted(cause);
    if (this.doneBytes > sizeBytes || this.hash.digest('hex') !== md5) {
      await rm(this.partPath, { force: true });
      const sentence = `${this.file.fileName} as ${this.host()} sent it does not match the checksum that Keras publishes, and was thrown away.`;
      throw new FetchFailure(sentence, { restart: true });
    }
    await rename(this.partPath, this.path);
  }

  async hashPart() {
    for await (const chunk of createReadStream(this.partPath)) {
      this.hash.update(chunk);
      this.doneBytes += chunk.length;
    }
  }

  async receive() {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const headers = new Headers(this.doneBytes > 0 ? { Range: `bytes=${this.doneBytes}-` } : {});
    try {
      const response = await fetch(this.address, { headers, signal: silence.signal });
      if (response.status !== 200 && response.status !== 206) {
        await response.body?.cancel();
        throw new FetchFailure(
          `${this.file.fileName} could not be fetched: ${this.host()} answered ${response.status}.`,
        );
      }
      if (response.status === 200 && this.doneBytes > 0) this.startAnew();
      const part = await open(this.partPath, this.doneBytes > 0 ? 'r+' : 'w');
      try {
        for await (const chunk of response.body ?? []) {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), SILENCE_MS);
          await part.write(chunk, 0, chunk.length, this.doneBytes);
          this.hash.update(chunk);
          this.doneBytes += chunk.length;
          this.emit('progress');
          if (this.doneBytes > this.file.sizeBytes) return;
        }
      } finally {
        await part.close();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  startAnew() {
    this.hash = createHash('md5');
    this.doneBytes = 0;
  }

  /** @param {unknown} cause */
  interrupted(cause) {
    const { fileName, sizeBytes } = this.file;
    const sentence =
      this.doneBytes === 0
        ? `${fileName} could not be fetched: ${this.host()} cannot be reached from this machine.`
        : `${fileName} stopped after ${this.doneBytes.toLocaleString('en')} of ${sizeBytes.toLocaleString('en')} bytes from ${this.host()}; the next try goes on from there.`;
    return new FetchFailure(sentence, { cause });
  }

  /** @param {NodeJS.ErrnoException} error */
  diskFailure(error) {
    const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
    return new FetchFailure(`${this.file.fileName} could not be stored in ${this.folder}: ${why}.`, { cause: error });
  }

  host() {
    return new URL(this.address).host;
  }
}

/** @param {unknown} error */
function isDiskError(error) {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && ['ENOSPC', 'EACCES', 'EROFS', 'EPERM', 'EDQUOT', 'EIO'].includes(code);
}

function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'thorax');
}

/**
 * @param {string} path
 * @returns {Promise<number | null>} null where nothing is.
 */
async function sizeOf(path) {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}
