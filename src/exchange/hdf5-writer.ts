/**
 * @file Writes the small part of HDF5 that Keras' weight files use, without ever holding the numbers.
 *
 * Everything but the datasets' numbers is laid out in one block of memory (a megabyte at most for our networks), and
 * the numbers follow it end to end in a known order, so a file of any size is a short head and a stream. h5wasm would
 * keep the whole file in WebAssembly's memory, which ends below the 1.2 GB of InceptionV3.
 *
 * HDF5 File Format Specification 3.0: superblock version 0 (II.A), version 1 object headers (IV.A.1.a) with the messages
 * Dataspace (IV.A.2.b), Datatype (IV.A.2.d), Fill Value (IV.A.2.f), Data Layout version 3, contiguous (IV.A.2.i),
 * Attribute version 1 (IV.A.2.m) and Symbol Table (IV.A.2.r); groups by a version 1 B-tree of one level (III.A.1), symbol
 * nodes (III.B) and a local heap (III.D); long strings in a global heap (III.E). These are the oldest forms of each,
 * read by every version of the library. https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
 */

import { sizeOf } from '../domain/architecture';
import { ByteBlock } from './byte-block';

/** A text is one string of its own length; a list is of strings padded to one length; `long` has no bound. */
export type HdfAttribute =
  | { kind: 'text'; text: string }
  | { kind: 'list'; texts: readonly string[] }
  | { kind: 'long'; text: string };

export interface HdfGroup {
  kind: 'group';
  attributes: Record<string, HdfAttribute>;
  /** By name; a name has no `/`. */
  children: Map<string, HdfGroup | HdfDataset>;
}

/** float32, little endian, row-major. */
export interface HdfDataset {
  kind: 'dataset';
  shape: readonly number[];
}

export interface HdfLayout {
  /** All of the file before the numbers. */
  head: Uint8Array<ArrayBuffer>;
  /** Of the whole file. */
  sizeBytes: number;
}

const UNDEFINED_ADDRESS = 0xffff_ffff_ffff_ffffn;
/** Half the symbols in a node and half the children of a B-tree node: a group holds up to 1024 names. */
const GROUP_K = 16;
const NODE_ENTRIES = 2 * GROUP_K;
/** A message's length is a 16-bit number. */
const MAX_MESSAGE_BYTES = 65_528;
const FLOAT_BYTES = 4;

const MESSAGE = { dataspace: 1, datatype: 3, fillValue: 5, layout: 8, attribute: 12, symbolTable: 17 };

/** A group without children. */
export function newGroup(attributes: Record<string, HdfAttribute> = {}): HdfGroup {
  return { kind: 'group', attributes, children: new Map() };
}

/**
 * Lays out a file whose numbers follow `head` in the order of `datasets`, each of them once.
 * @throws {Error} when a group has over 1024 children or a list is over 64 KiB, which no network of ours needs.
 */
export function layOutHdf5(root: HdfGroup, datasets: readonly HdfDataset[]): HdfLayout {
  return new Layout().finish(root, datasets);
}

class Layout {
  private readonly block = new ByteBlock();
  /** Where each dataset's address is to be written. */
  private readonly addressFields = new Map<HdfDataset, number>();

  finish(root: HdfGroup, datasets: readonly HdfDataset[]): HdfLayout {
    const { block } = this;
    const { endField, rootField } = this.writeSuperblock();
    block.patch64(rootField, BigInt(this.writeGroup(root)));
    block.align(8);
    let at = block.length;
    for (const dataset of datasets) {
      const field = this.addressFields.get(dataset);
      if (field === undefined) throw new Error('A dataset is in no group');
      block.patch64(field, BigInt(at));
      at += sizeOf(dataset.shape) * FLOAT_BYTES;
    }
    if (datasets.length !== this.addressFields.size) throw new Error('A dataset of the groups has no numbers');
    block.patch64(endField, BigInt(at));
    return { head: block.bytes(), sizeBytes: at };
  }

  private writeSuperblock(): { endField: number; rootField: number } {
    const { block } = this;
    block.raw([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
    // Versions, then the bytes of an address and of a length.
    block.raw([0, 0, 0, 0, 0, 8, 8, 0]);
    block.u16(GROUP_K).u16(GROUP_K).u32(0);
    block.u64(0n).u64(UNDEFINED_ADDRESS);
    const endField = block.length;
    block.u64(0n).u64(UNDEFINED_ADDRESS);
    // The root's symbol table entry.
    block.u64(0n);
    const rootField = block.length;
    block.u64(0n).u32(0).u32(0).u64(0n).u64(0n);
    return { endField, rootField };
  }

  /** @returns the address of its object header; so do the other `write` methods of objects */
  private writeGroup({ attributes, children }: HdfGroup): number {
    const { block } = this;
    const named = [...children].map(([name, child]) => ({ name, child })).sort((a, b) => (a.name < b.name ? -1 : 1));
    const entries = named.map(({ name, child }) => {
      return { name, headerAt: child.kind === 'group' ? this.writeGroup(child) : this.writeDataset(child) };
    });
    const { heapAt, offsets } = this.writeLocalHeap(entries.map(({ name }) => name));
    const treeAt = this.writeTree(entries.map(({ headerAt }, i) => ({ headerAt, nameOffset: offsets[i] })));
    const table = new ByteBlock().u64(BigInt(treeAt)).u64(BigInt(heapAt));
    const messages = [message(MESSAGE.symbolTable, table), ...this.attributeMessages(attributes)];
    return writeHeader(block, messages);
  }

  private writeDataset(dataset: HdfDataset): number {
    const layout = new ByteBlock()
      .raw([3, 1])
      .u64(0n)
      .u64(BigInt(sizeOf(dataset.shape) * FLOAT_BYTES));
    // Version 2; allocated late; written when set; not set.
    const fillValue = new ByteBlock().raw([2, 2, 2, 0]);
    const messages = [
      message(MESSAGE.dataspace, dataspace(dataset.shape)),
      message(MESSAGE.datatype, floatType()),
      message(MESSAGE.fillValue, fillValue),
      message(MESSAGE.layout, layout),
    ];
    const headerAt = writeHeader(this.block, messages);
    const before = messages.slice(0, 3).reduce((sum, { length }) => sum + length, 0);
    this.addressFields.set(dataset, headerAt + HEADER_BYTES + before + MESSAGE_HEADER_BYTES + 2);
    return headerAt;
  }

  /** Names end to end, each ended by a zero and padded to 8 bytes, after an empty one at offset 0. */
  private writeLocalHeap(names: readonly string[]): { heapAt: number; offsets: number[] } {
    const segment = new ByteBlock().u64(0n);
    const offsets = names.map((name) => {
      const offset = segment.length;
      segment.text(name).raw([0]).align(8);
      return offset;
    });
    const segmentAt = this.block.align(8).append(segment);
    const heapAt = this.block.length;
    // The free list begins at 1: there is none.
    this.block.text('HEAP').u32(0).u64(BigInt(segment.length)).u64(1n).u64(BigInt(segmentAt));
    return { heapAt, offsets };
  }

  private writeTree(entries: readonly { nameOffset: number; headerAt: number }[]): number {
    const { block } = this;
    const nodes: { at: number; lastName: number }[] = [];
    for (let start = 0; start < entries.length; start += NODE_ENTRIES) {
      const part = entries.slice(start, start + NODE_ENTRIES);
      nodes.push({ at: block.align(8).length, lastName: part[part.length - 1].nameOffset });
      block.text('SNOD').raw([1, 0]).u16(part.length);
      for (const { nameOffset, headerAt } of part) {
        block.u64(BigInt(nameOffset)).u64(BigInt(headerAt)).u32(0).u32(0).u64(0n).u64(0n);
      }
      block.zeros((NODE_ENTRIES - part.length) * 40);
    }
    if (nodes.length > NODE_ENTRIES) throw new Error(`A group of ${entries.length} children is too large`);
    const treeAt = block.align(8).length;
    block.text('TREE').raw([0, 0]).u16(nodes.length).u64(UNDEFINED_ADDRESS).u64(UNDEFINED_ADDRESS);
    // Keys lie between the children: the first is the empty name, each next one the last name of the child before it.
    block.u64(0n);
    for (const { at, lastName } of nodes) block.u64(BigInt(at)).u64(BigInt(lastName));
    block.zeros((NODE_ENTRIES - nodes.length) * 16);
    return treeAt;
  }

  private attributeMessages(attributes: Record<string, HdfAttribute>): Uint8Array[] {
    return Object.entries(attributes).map(([name, attribute]) => {
      const { type, space, data } = this.encodeAttribute(attribute);
      const encodedName = new ByteBlock().text(name).raw([0]);
      const body = new ByteBlock().raw([1, 0]).u16(encodedName.length).u16(type.length).u16(space.length);
      for (const part of [encodedName, type, space]) body.raw(part.bytes()).align(8);
      return message(MESSAGE.attribute, body.raw(data.bytes()));
    });
  }

  private encodeAttribute(attribute: HdfAttribute): { type: ByteBlock; space: ByteBlock; data: ByteBlock } {
    if (attribute.kind === 'long') {
      const bytes = new TextEncoder().encode(attribute.text);
      const heapAt = this.writeGlobalHeap(bytes);
      const data = new ByteBlock().u32(bytes.length).u64(BigInt(heapAt)).u32(1);
      return { type: variableStringType(), space: dataspace([]), data };
    }
    const texts = attribute.kind === 'list' ? attribute.texts : [attribute.text];
    const encoded = texts.map((text) => new TextEncoder().encode(text));
    const length = Math.max(1, ...encoded.map(({ byteLength }) => byteLength));
    const data = new ByteBlock();
    for (const text of encoded) data.raw(text).zeros(length - text.byteLength);
    const space = dataspace(attribute.kind === 'list' ? [texts.length] : []);
    return { type: stringType(length), space, data };
  }

  /** A heap of one object, its number 1, and what is left declared free. */
  private writeGlobalHeap(bytes: Uint8Array): number {
    const { block } = this;
    const paddedBytes = Math.ceil(bytes.length / 8) * 8;
    const sizeBytes = Math.max(4096, 16 + 16 + paddedBytes + 16);
    const heapAt = block.align(8).length;
    block.text('GCOL').raw([1, 0, 0, 0]).u64(BigInt(sizeBytes));
    block.u16(1).u16(0).u32(0).u64(BigInt(bytes.length)).raw(bytes).align(8);
    const freeBytes = sizeBytes - 32 - paddedBytes;
    block
      .u16(0)
      .u16(0)
      .u32(0)
      .u64(BigInt(freeBytes))
      .zeros(freeBytes - 16);
    return heapAt;
  }
}

const HEADER_BYTES = 16;
const MESSAGE_HEADER_BYTES = 8;

function message(type: number, body: ByteBlock): Uint8Array {
  body.align(8);
  if (body.length > MAX_MESSAGE_BYTES) throw new Error(`An HDF5 message of ${body.length} bytes is too long`);
  return new ByteBlock().u16(type).u16(body.length).raw([0, 0, 0, 0]).raw(body.bytes()).bytes();
}

function writeHeader(block: ByteBlock, messages: readonly Uint8Array[]): number {
  const headerAt = block.align(8).length;
  const messageBytes = messages.reduce((sum, { length }) => sum + length, 0);
  block.raw([1, 0]).u16(messages.length).u32(1).u32(messageBytes).u32(0);
  for (const bytes of messages) block.raw(bytes);
  return headerAt;
}

function dataspace(shape: readonly number[]): ByteBlock {
  const space = new ByteBlock().raw([1, shape.length, 0, 0, 0, 0, 0, 0]);
  for (const side of shape) space.u64(BigInt(side));
  return space;
}

/** IEEE 754 binary32, little endian. */
function floatType(): ByteBlock {
  return new ByteBlock().raw([0x11, 0x20, 31, 0]).u32(4).u16(0).u16(32).raw([23, 8, 0, 23]).u32(127);
}

/** Padded with zeros, ASCII: as h5py writes numpy's `S`. */
function stringType(length: number): ByteBlock {
  return new ByteBlock().raw([0x13, 0x01, 0, 0]).u32(length);
}

/** A sequence of unsigned bytes that is a string, ASCII: as h5py writes `bytes`. */
function variableStringType(): ByteBlock {
  return new ByteBlock().raw([0x19, 0x01, 0, 0]).u32(16).raw([0x10, 0, 0, 0]).u32(1).u16(0).u16(8);
}
