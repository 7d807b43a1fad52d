import type { Hit, RecordId } from '@nearfield/engine';

/** A hit, whatever was selected of its record. */
type AnyHit = Hit<unknown>;

/** A dense vector space. */
export interface ModelSpace {
  readonly name: string;
  readonly dimensions: number;
  readonly metric: 'cosine' | 'dot' | 'euclidean';
  readonly quantization: 'none' | 'int8' | 'binary';
}

export interface ModelRecord {
  readonly id: RecordId;
  readonly n: number;
  /** One vector or several in each space that the record has a part in. */
  readonly vectors: Readonly<Record<string, readonly Float32Array[]>>;
}

export interface Ask {
  readonly space: ModelSpace;
  readonly query: Float32Array;
  readonly limit: number;
  readonly offset: number;
  /** Records with a smaller n only. */
  readonly below: number | undefined;
}

/** Scores of f32 arithmetic in other orders differ by less than this. */
const TOLERANCE = 2e-5;

/** Records in a Map, and the answers that follow from comparing every one of them in double precision. */
export class VectorModel {
  readonly records = new Map<RecordId, ModelRecord>();

  /** The best score of a record and the part that has it; undefined when it has no vector in the space. */
  score(record: ModelRecord, { name, metric }: ModelSpace, query: Float32Array): number | undefined {
    const parts = record.vectors[name];
    return parts === undefined ? undefined : Math.max(...parts.map((part) => similarity(metric, query, part)));
  }

  matching({ space, below }: Ask): ModelRecord[] {
    const found: ModelRecord[] = [];
    for (const record of this.records.values()) {
      if (record.vectors[space.name] !== undefined && (below === undefined || record.n < below)) found.push(record);
    }
    return found;
  }

  /** Throws unless the hits are alive, pass the filter, have the right scores and order, and are as many as there can be. */
  checkHits(ask: Ask, hits: readonly AnyHit[], matches: unknown): void {
    const { space, query, limit, offset, below } = ask;
    const matching = this.matching(ask).length;
    if (matches !== matching) throw new Error(`${String(matches)} matches, of ${matching}`);
    const expected = Math.max(0, Math.min(limit, matching - offset));
    if (hits.length !== expected) throw new Error(`${hits.length} hits in place of ${expected}`);
    if (new Set(hits.map(({ id }) => id)).size !== hits.length) throw new Error('a record comes twice');
    for (const [i, hit] of hits.entries()) {
      const record = this.records.get(hit.id);
      if (record === undefined) throw new Error(`record ${hit.id} is dead`);
      if (below !== undefined && record.n >= below) throw new Error(`record ${hit.id} does not pass the filter`);
      const score = this.score(record, space, query);
      if (score === undefined || !near(hit.score, score)) {
        throw new Error(`record ${hit.id} scores ${hit.score} in place of ${String(score)}`);
      }
      this.#checkPart(ask, record, hit);
      const before = hits[i - 1];
      if (before !== undefined && !inOrder(before, hit)) throw new Error(`record ${hit.id} is out of order`);
    }
  }

  /** As checkHits, and no record has a better score than those that were found. */
  checkExact(ask: Ask, hits: readonly AnyHit[], matches: unknown): void {
    this.checkHits(ask, hits, matches);
    const scores = this.scores(ask);
    for (const [i, hit] of hits.entries()) {
      const score = scores[ask.offset + i];
      if (!near(hit.score, score)) throw new Error(`place ${i} scores ${hit.score} in place of ${score}`);
    }
  }

  /** The scores of all matching records, best first. */
  scores(ask: Ask): Float64Array {
    const scores = Float64Array.from(this.matching(ask), (record) => this.score(record, ask.space, ask.query)!);
    return scores.sort().reverse();
  }

  #checkPart({ space, query }: Ask, record: ModelRecord, { score, scores }: AnyHit): void {
    const parts = record.vectors[space.name];
    const part = scores[space.name].part as number | undefined;
    if ((part === undefined) !== (parts.length === 1)) throw new Error(`record ${record.id} names part ${part}`);
    if (part !== undefined && !near(similarity(space.metric, query, parts[part]), score)) {
      throw new Error(`part ${part} of record ${record.id} is not the nearest`);
    }
  }
}

/** Equal scores are in the order of ids. */
function inOrder(before: AnyHit, hit: AnyHit): boolean {
  return before.score > hit.score || (before.score === hit.score && (before.id as number) < (hit.id as number));
}

export function near(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
}

function similarity(metric: ModelSpace['metric'], a: Float32Array, b: Float32Array): number {
  let [product, squares, ofA, ofB] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    squares += (a[i] - b[i]) ** 2;
    ofA += a[i] * a[i];
    ofB += b[i] * b[i];
  }
  if (metric === 'euclidean') return -Math.sqrt(squares);
  return metric === 'dot' ? product : product / Math.sqrt(ofA * ofB);
}
