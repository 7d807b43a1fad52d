import type { PackedVectors } from './commit-request.js';
import type { CommitTables } from './commit-tables.js';
import { packBytes } from './packed-bytes.js';
import { Refusal } from './refusal.js';
import { isSparse } from './vector-codec.js';

/** The versions that a commit removes, with the sparse vectors that the indexes need to forget them. */
export class RemovedVectors {
  readonly keys: number[] = [];
  readonly #vectors = new Map<number, { records: number[]; blocks: Uint8Array[] }>();

  constructor(readonly tables: CommitTables) {
    for (const space of tables.sparse) this.#vectors.set(space, { records: [], blocks: [] });
  }

  /** Notes a version and takes it out of its tables. */
  remove(key: number): void {
    this.note(key);
    this.tables.delete(key);
  }

  note(key: number): void {
    for (const [space, { records, blocks }] of this.#vectors) {
      const vector = this.tables.vector(space, key);
      if (vector === undefined) continue;
      // Now, because what is committed must be readable.
      if (!isSparse(vector)) throw new Refusal({ kind: 'refused', because: 'damaged', key });
      records.push(this.keys.length);
      blocks.push(vector);
    }
    this.keys.push(key);
  }

  pack(): PackedVectors[] {
    return Array.from(this.#vectors, ([space, { records, blocks }]) => ({
      space,
      records: Uint32Array.from(records),
      vectors: packBytes(blocks),
    }));
  }
}
