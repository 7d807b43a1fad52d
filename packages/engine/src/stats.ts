import type { CollectionCore } from './collection-core.js';
import type { Metric } from './distance/index.js';
import type { EncoderIdentity } from './encoder/encoder.js';
import type { VectorSegments } from './segment/index.js';

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
  /** Of a dense space: the segments that hold its vectors. */
  readonly segments?: readonly SegmentStats[];
}

export interface SegmentStats {
  /** `sealed` segments have a graph; `flat` ones are scanned. */
  readonly kind: 'sealed' | 'flat';
  /** Vectors held, those of dead records included. */
  readonly vectors: number;
  readonly memoryBytes: number;
}

export interface CollectionStats {
  readonly records: number;
  /** Rows in memory, those of replaced and deleted records included until the table is rewritten. */
  readonly rows: number;
  /** The last transaction of the collection. */
  readonly commit: number;
  readonly memoryBytes: number;
  readonly vectors: Readonly<Record<string, VectorStats>>;
  /** Work in the background: whether it runs, and why it last failed. */
  readonly background: { readonly running: boolean; readonly failure?: string };
}

export function collectionStats({ entry, store, live }: CollectionCore): CollectionStats {
  const table = live.current;
  const vectors: Record<string, VectorStats> = {};
  for (const space of entry.spaces) {
    const { name, kind, encoder } = space;
    if (space.kind === 'sparse') {
      const index = table.sparse.get(name)!;
      vectors[name] = { kind, count: index.documents, encoder, memoryBytes: index.bytes };
    } else {
      const segments = table.dense.get(name)!;
      const { dimensions, metric } = space;
      const { records: count, bytes: memoryBytes } = segments;
      vectors[name] = { kind, count, dimensions, metric, encoder, memoryBytes, segments: segmentStats(segments) };
    }
  }
  const { running, failure } = live.background;
  return {
    records: table.size,
    rows: table.rows,
    commit: store.state().commit,
    memoryBytes: table.bytes,
    vectors,
    background: { running: running > 0, failure: failure === undefined ? undefined : String(failure) },
  };
}

function segmentStats({ view }: VectorSegments): SegmentStats[] {
  const sealed = view.sealed.map(
    ({ size, bytes }): SegmentStats => ({ kind: 'sealed', vectors: size, memoryBytes: bytes }),
  );
  const flats = view.flats.map(
    ({ index }): SegmentStats => ({ kind: 'flat', vectors: index.size, memoryBytes: index.bytes }),
  );
  return [...sealed, ...flats.filter(({ vectors }) => vectors > 0)];
}
