import {
  Bitset,
  CURVE_EFFORTS,
  CURVE_LIMIT,
  scanGraph,
  walkGraph,
  type EffortCurve,
  type EffortPoint,
  type GraphAccess,
  type HnswIndex,
  type SegmentRequest,
} from '../indexes/index.js';

/** Queries of the sample. */
const QUERIES = 100;
/** A recall that is as good as all; greater efforts are not measured. */
const ENOUGH = 0.9995;
/**
 * How far a query lies from the vector that it is made of, in distances of that vector to its nearest neighbour. With the
 * vectors themselves as queries the recall comes out too high (by .06 on GloVe at ef 40), for each is linked to its nearest;
 * at this distance, in the direction of the difference of two others, it comes out as that of queries from outside to
 * within .02 (GloVe 100-d, sentence embeddings 512-d, ef 40 to 200).
 */
const DISPLACEMENT = 0.55;

/** What recall a walk gives for which effort, on queries that lie among the vectors as queries from outside would. */
export function measureEffort(access: GraphAccess, cancelled: () => boolean): EffortCurve | undefined {
  const { index } = access;
  const { count } = index.header;
  const own = { ...access, owners: Uint32Array.from({ length: count }, (_, node) => node), records: count };
  const all = everything(count);
  const ask = (query: Float32Array, wanted: number): SegmentRequest => ({
    query,
    wanted,
    allowed: all,
    rows: count,
    scope: 'every',
  });
  const requests: SegmentRequest[] = [];
  for (let i = 0; i < QUERIES; i++) {
    if (cancelled()) return undefined;
    const node = Math.floor(((i + 0.5) * count) / QUERIES);
    const near = scanGraph(own, ask(rowOf(index, node), 2));
    requests.push(ask(displaced(index, node, near.records.find((other) => other !== node) ?? node, i), CURVE_LIMIT));
  }
  const truths: ReadonlySet<number>[] = [];
  for (const request of requests) {
    if (cancelled()) return undefined;
    truths.push(nearest(scanGraph(own, request)));
  }
  const curve: EffortPoint[] = [];
  for (const effort of CURVE_EFFORTS) {
    if (cancelled()) return undefined;
    let [found, wanted, computed] = [0, 0, 0];
    for (const [i, request] of requests.entries()) {
      const walked = walkGraph(own, request, effort);
      computed += walked.computed;
      wanted += truths[i].size;
      for (const node of nearest(walked)) if (truths[i].has(node)) found++;
    }
    const recall = Math.max(found / wanted, curve.at(-1)?.recall ?? 0);
    curve.push({ effort, recall, computed: computed / requests.length });
    if (recall >= ENOUGH) break;
  }
  return curve;
}

/** The vector of a node, moved by a part of its distance to its nearest one, along the difference of two others. */
function displaced(index: HnswIndex, node: number, neighbour: number, seed: number): Float32Array {
  const { count } = index.header;
  const place = (salt: number): number => Math.imul(seed * 2 + salt, 0x9e3779b1) >>> 0;
  const [a, b] = [rowOf(index, place(1) % count), rowOf(index, place(2) % count)];
  const [from, near] = [rowOf(index, node), rowOf(index, neighbour)];
  let [distance, length] = [0, 0];
  for (let i = 0; i < from.length; i++) {
    distance += (from[i] - near[i]) ** 2;
    length += (a[i] - b[i]) ** 2;
  }
  const scale = length === 0 ? 0 : DISPLACEMENT * Math.sqrt(distance / length);
  const query = from.map((value, i) => value + scale * (a[i] - b[i]));
  // Vectors that sum to nothing have no direction.
  return query.some((value) => value !== 0) ? query : from;
}

function rowOf(index: HnswIndex, node: number): Float32Array {
  return index.vectorRows(node, 1).slice(0, index.header.dimensions);
}

function everything(count: number): Bitset {
  const all = new Bitset(count);
  for (let node = 0; node < count; node++) all.add(node);
  return all;
}

/** The best of a hand. */
function nearest({ records, scores }: { records: Uint32Array; scores: Float32Array }): Set<number> {
  const places = Array.from(records.keys()).sort((a, b) => scores[b] - scores[a] || records[a] - records[b]);
  return new Set(places.slice(0, CURVE_LIMIT).map((place) => records[place]));
}
