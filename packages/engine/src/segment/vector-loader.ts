import { NearfieldError } from '../errors/index.js';
import { HnswIndex } from '../indexes/index.js';
import type { CollectionStore, KeyRun, SegmentStore, VectorBlock, VectorBlocks } from '../store/index.js';
import type { StoredIndex } from './build-task.js';
import type { RecordTable } from './record-table.js';
import { SealedSegment } from './sealed-segment.js';
import { segmentOptions, type SegmentContext } from './segment-context.js';
import type { VectorSegments } from './vector-segments.js';
import { turnEventLoop } from '../workers/index.js';

/** Fills a space's segments from the file, a piece at a time, so that the event loop turns between pieces. */
export class VectorLoader {
  readonly store: SegmentStore;
  readonly blocks: VectorBlocks;

  constructor(
    readonly records: CollectionStore,
    readonly context: SegmentContext,
    readonly segments: VectorSegments,
    readonly table: RecordTable,
  ) {
    this.store = records.segments(segments.space);
    this.blocks = records.blocks(segments.space);
  }

  /**
   * Sealed segments from their frames; all other vectors up to the table's last key into flat segments. Segments that are
   * torn, or do not fit the vectors any more, are left out and noted as unusable.
   */
  async load(): Promise<void> {
    for (const id of this.store.list()) {
      const segment = await this.#sealed(id).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== 'CORRUPT') throw error;
        return undefined;
      });
      if (segment === undefined) this.segments.unusable.add(id);
      else this.segments.adopt(segment, this.table.keys, this.table.alive);
    }
    const sealed = this.segments.view.sealed.flatMap(({ runs }) => runs);
    // What has greater keys than the table is new to a reader, which comes to it later, and of dead records to the writer.
    const last = this.context.readOnly ? this.table.keys.last : Number.MAX_SAFE_INTEGER;
    for (const run of gaps(sealed, last)) await this.#flat(run);
  }

  async #sealed(id: number): Promise<SealedSegment | undefined> {
    const { runs, rows, index: stored } = this.store.describe<StoredIndex>(id);
    const { header, ...measured } = stored;
    const { walkers, keepVectors, quantization, m } = segmentOptions(
      this.context,
      this.records.entry,
      this.segments.space,
      header.count,
    );
    if (
      header.quantization !== quantization ||
      header.m !== m ||
      header.dimensions !== this.segments.space.dimensions
    ) {
      return undefined;
    }
    const index = await HnswIndex.restore(header, (target) => this.#fill(id, target), { walkers, keepVectors });
    const keys = await this.#vectors(index, runs, rows, keepVectors);
    return keys === undefined ? undefined : new SealedSegment(id, index, keys, runs, measured);
  }

  /** Reads the image of a segment into its place; throws CORRUPT unless it has just that size. */
  async #fill(id: number, target: Uint8Array): Promise<void> {
    let at = 0;
    for (const chunk of this.store.image(id)) {
      if (at + chunk.byteLength <= target.byteLength) target.set(chunk, at);
      at += chunk.byteLength;
      await turnEventLoop();
    }
    if (at === target.byteLength) return;
    throw new NearfieldError('CORRUPT', 'The image of a segment has another size', {
      expected: `${target.byteLength} bytes`,
      received: `${at} bytes`,
    });
  }

  /**
   * The key of each vector, or undefined when the table has not just the rows that were sealed; the vectors themselves go
   * into the index if it keeps them.
   */
  async #vectors(
    index: HnswIndex,
    runs: readonly KeyRun[],
    rows: number,
    keep: boolean,
  ): Promise<Float64Array | undefined> {
    const { count, dimensions } = index.header;
    const keys = new Float64Array(count);
    let [node, read] = [0, 0];
    for (const [first, last] of runs) {
      for (const block of this.blocks.read(first, last)) {
        const vectors = block.values.length / dimensions;
        read += block.keys.length;
        if (node + vectors > count) return undefined;
        writeKeys(block, keys, node);
        if (keep) writeVectors(block, index, node);
        node += vectors;
        await turnEventLoop();
      }
    }
    if (keep && node === count) index.normalize(0, count);
    return node === count && read === rows ? keys : undefined;
  }

  /** Vectors without a graph. Those whose records are gone only count as orphans. */
  async #flat([first, last]: KeyRun): Promise<void> {
    const { table, segments } = this;
    const { dimensions } = segments.space;
    for (const { keys, parts, values } of this.blocks.read(first, last)) {
      segments.reserve(values.length / dimensions);
      let at = 0;
      for (const [i, key] of keys.entries()) {
        const end = at + (parts?.[i] ?? 1) * dimensions;
        const row = table.keys.rowOf(key);
        if (row < 0) segments.addOrphan(key);
        else segments.append(row, key, values.subarray(at, end));
        at = end;
      }
      await turnEventLoop();
    }
    segments.reserve(0);
    segments.freeze();
  }
}

/** Throws CORRUPT when the chunks are longer or shorter than they should be. */
function writeKeys({ keys, parts }: VectorBlock, target: Float64Array, node: number): void {
  for (const [i, key] of keys.entries()) {
    const count = parts?.[i] ?? 1;
    target.fill(key, node, node + count);
    node += count;
  }
}

function writeVectors({ values }: VectorBlock, index: HnswIndex, node: number): void {
  const { dimensions } = index.header;
  const { rowLength } = index;
  const count = values.length / dimensions;
  const rows = index.vectorRows(node, count);
  if (rowLength === dimensions) rows.set(values);
  else for (let i = 0; i < count; i++) rows.set(values.subarray(i * dimensions, (i + 1) * dimensions), i * rowLength);
}

/** The runs of keys from 1 to `last` that none of the given ones covers, in order. */
function gaps(runs: readonly KeyRun[], last: number): KeyRun[] {
  const sorted = [...runs].sort(([a], [b]) => a - b);
  const result: KeyRun[] = [];
  let next = 1;
  for (const [first, end] of sorted) {
    if (first > next) result.push([next, first - 1]);
    next = Math.max(next, end + 1);
  }
  if (next <= last) result.push([next, last]);
  return result;
}
