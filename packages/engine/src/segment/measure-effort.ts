import {
  Bitset,
  CURVE_EFFORTS,
  CURVE_LIMIT,
  scanGraph,
  walkGraph,
  type EffortCurve,
  type GraphAccess,
  type SegmentRequest,
} from '../indexes/index.js';

/** Queries of the sample. */
const QUERIES = 64;
/** A recall that is as good as all; greater efforts are not measured. */
const ENOUGH = 0.9995;

/**
 * What recall a walk gives for which effort: vectors of the segment, spread evenly, are the queries, and each one's own
 * place among the hits does not count, as a query from outside has none.
 */
export function measureEffort(access: GraphAccess, cancelled: () => boolean): EffortCurve | undefined {
  const { index } = access;
  const { count, dimensions } = index.header;
  const nodes = Array.from(
    { length: Math.min(QUERIES, count) },
    (_, i) => Math.floor(((i + 0.5) * count) / QUERIES) % count,
  );
  const own = { ...access, owners: Uint32Array.from({ length: count }, (_, node) => node), records: count };
  const requests = nodes.map((node): SegmentRequest => {
    const query = index.vectorRows(node, 1).slice(0, dimensions);
    return { query, wanted: CURVE_LIMIT + 1, allowed: everything(count), rows: count, scope: 'every' };
  });
  const truths: ReadonlySet<number>[] = [];
  for (const [i, request] of requests.entries()) {
    if (cancelled()) return undefined;
    truths.push(nearest(scanGraph(own, request), nodes[i]));
  }
  const curve: { effort: number; recall: number; computed: number }[] = [];
  for (const effort of CURVE_EFFORTS) {
    if (cancelled()) return undefined;
    let [found, wanted, computed] = [0, 0, 0];
    for (const [i, request] of requests.entries()) {
      const walked = walkGraph(own, request, effort);
      computed += walked.computed;
      wanted += truths[i].size;
      for (const node of nearest(walked, nodes[i])) if (truths[i].has(node)) found++;
    }
    const recall = wanted === 0 ? 1 : found / wanted;
    curve.push({ effort, recall: Math.max(recall, curve.at(-1)?.recall ?? 0), computed: computed / nodes.length });
    if (recall >= ENOUGH) break;
  }
  return curve;
}

function everything(count: number): Bitset {
  const all = new Bitset(count);
  for (let node = 0; node < count; node++) all.add(node);
  return all;
}

/** The best of a hand without the query itself. */
function nearest({ records, scores }: { records: Uint32Array; scores: Float32Array }, self: number): Set<number> {
  const places = Array.from(records.keys()).filter((place) => records[place] !== self);
  places.sort((a, b) => scores[b] - scores[a] || records[a] - records[b]);
  return new Set(places.slice(0, CURVE_LIMIT).map((place) => records[place]));
}
