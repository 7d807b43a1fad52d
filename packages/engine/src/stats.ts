import type { CollectionCore } from './collection-core.js';
import type { Metric } from './distance/index.js';
import type { EncoderIdentity } from './encoder/encoder.js';

export interface VectorStats {
  readonly kind: 'dense' | 'sparse';
  /** Records alive that have this vector. */
  readonly count: number;
  readonly dimensions?: number;
  readonly metric?: Metric;
  /** The encoder that wrote the vectors. */
  readonly encoder?: EncoderIdentity;
  /** Bytes of memory that the index holds. */
  readonly memoryBytes: number;
}

export interface CollectionStats {
  readonly records: number;
  /** Rows in memory, those of replaced and deleted records included until the segment is rewritten. */
  readonly rows: number;
  /** The last transaction of the collection. */
  readonly commit: number;
  readonly memoryBytes: number;
  readonly vectors: Readonly<Record<string, VectorStats>>;
  /** Work in the background: whether it runs, and why it last failed. */
  readonly background: { readonly running: boolean; readonly failure?: string };
}

export function collectionStats({ entry, store, live }: CollectionCore): CollectionStats {
  const segment = live.current;
  const vectors: Record<string, VectorStats> = {};
  for (const space of entry.spaces) {
    const { name, kind, encoder } = space;
    if (space.kind === 'sparse') {
      const index = segment.sparse.get(name)!;
      vectors[name] = { kind, count: index.documents, encoder, memoryBytes: index.bytes };
    } else {
      const index = segment.dense.get(name)!;
      const { dimensions, metric } = space;
      vectors[name] = {
        kind,
        count: index.count(segment.alive),
        dimensions,
        metric,
        encoder,
        memoryBytes: index.bytes,
      };
    }
  }
  const failure = live.failure === undefined ? undefined : String(live.failure);
  return {
    records: segment.size,
    rows: segment.rows,
    commit: store.state().commit,
    memoryBytes: segment.bytes,
    vectors,
    background: { running: live.rewriting !== undefined, failure },
  };
}
