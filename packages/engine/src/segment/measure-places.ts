import {
  Bitset,
  CURVE_LIMIT,
  sharesAround,
  walkGraph,
  type About,
  type EffortAround,
  type FilteredCurve,
  type GraphAccess,
  type SegmentRequest,
  type WalkKind,
} from '../indexes/index.js';
import {
  FILTERED_EFFORTS,
  isOnLevelZero,
  rowOf,
  sampleOf,
  timedCurve,
  type Sample,
  type SampleQuery,
} from './effort-sample.js';

// Filters that follow the vectors: the nearest nodes to some places match. What walks find then depends on whether the query lies
// away from all of them, or in one.

/** In how many places what matches lies. */
const PLACES = [8, 32];
/** Shares that match while it is measured what walks find that lies away from the query, or all about it. */
const FAR_SHARES = { 'walk-inside': [0.5, 0.1, 0.02], walk: [0.8] } as const;
const DENSE_SHARES = [0.1, 0.02];
/** A place with fewer nodes has no midst: some of the ten nearest lie in others. */
const LEAST_NODES = 4 * CURVE_LIMIT;
/** Queries that this takes, and that are enough. */
const LEAST_QUERIES = 20;
const MOST_QUERIES = 60;
/** The effort with which it is found out which these are. */
const CLASSED_EFFORT = 32;

/** What matches in a part of the nodes, and queries for which one thing is the case about them. */
interface Placed {
  readonly share: number;
  readonly sample: Sample;
}

/** The nodes about each place, the nearest first. */
type Places = readonly Uint32Array[];

/** What walks give for queries of which one thing is the case, and how they are made to see it. */
interface Case {
  readonly kind: WalkKind;
  readonly placed: (places: Places) => Placed | undefined;
  readonly aroundAt?: (share: number, effort: number) => EffortAround;
}

/** Walks while the vectors in some places match, for queries that lie away from them, and for such inside. */
export function placedCurves(
  own: GraphAccess,
  queries: readonly SampleQuery[],
  check: () => void,
): readonly FilteredCurve[] {
  const places = PLACES.map((count) => nearestOf(own, count, check));
  const far = (['walk', 'walk-inside'] as const).flatMap((kind) =>
    FAR_SHARES[kind].flatMap((part) => {
      const placed = (about: Places) => farSample(own, queries, about, { part, kind }, check);
      return hardest(own, places, { kind, placed }, check).map((curve) => ({ ...curve, kind: `${kind}-far` as const }));
    }),
  );
  const dense = sharesOfDense(own).flatMap((part) => {
    const placed = (about: Places) => denseSample(own, about, part, check);
    const found = hardest(own, places, { kind: 'walk-inside', placed, aroundAt }, check);
    return found.map((curve) => ({ ...curve, kind: 'walk-inside-dense' as const }));
  });
  return [...far, ...dense];
}

/** By bits alone, what all about a query matches takes is not gone by: see denseWalk in choose-step.ts. */
function sharesOfDense({ index }: GraphAccess): readonly number[] {
  return index.header.quantization === 'binary' ? [] : DENSE_SHARES;
}

/** Of filters with few places and with many, the curve of the one that is harder; none where too few queries are such. */
function hardest(
  own: GraphAccess,
  places: readonly Places[],
  { kind, placed, aroundAt: around }: Case,
  check: () => void,
): Omit<FilteredCurve, 'kind'>[] {
  const curveOf = ({ share, sample }: Placed, efforts: readonly number[]) => {
    const options = { inside: kind === 'walk-inside', aroundAt: around && ((effort: number) => around(share, effort)) };
    return timedCurve(own, sample, options, efforts, check);
  };
  const tried = places.flatMap((about) => {
    const found = placed(about);
    if (found === undefined) return [];
    const [{ recall }] = curveOf(found, [CLASSED_EFFORT]);
    return [{ ...found, recall }];
  });
  if (tried.length === 0) return [];
  const worst = tried.reduce((hard, one) => (one.recall < hard.recall ? one : hard));
  return [{ share: worst.share, curve: curveOf(worst, FILTERED_EFFORTS) }];
}

/** The nodes about so many places, each a part of the nodes. */
function nearestOf(own: GraphAccess, places: number, check: () => void): Places {
  const { count } = own.index.header;
  const wanted = Math.ceil((FAR_SHARES['walk-inside'][0] * count) / places);
  const centres = Array.from({ length: places }, (_, i) => rowOf(own.index, Math.floor(((i + 0.25) * count) / places)));
  return own.index.scanMany(own.walker, centres, { limit: wanted, check });
}

/** The queries away from what matches, while a part of all does: the nearest nodes to each place, or all but such. */
function farSample(
  own: GraphAccess,
  queries: readonly SampleQuery[],
  places: Places,
  { part, kind }: { readonly part: number; readonly kind: WalkKind },
  check: () => void,
): Placed | undefined {
  const { count } = own.index.header;
  const allowed = kind === 'walk' ? Bitset.below(count) : new Bitset(count);
  const taken = (kind === 'walk' ? 1 - part : part) * (count / places.length);
  for (const near of places) {
    for (const node of near.subarray(0, taken)) {
      if (kind === 'walk') allowed.delete(node);
      else allowed.add(node);
    }
  }
  return placedSample(own, queries, allowed, { kind, about: 'far' }, check);
}

/** Queries in the midst of what matches, while that is a part of all. */
function denseSample(own: GraphAccess, places: Places, part: number, check: () => void): Placed | undefined {
  const { index } = own;
  const { count } = index.header;
  const allowed = new Bitset(count);
  const taken = Math.floor((part * count) / places.length);
  if (taken < LEAST_NODES) return undefined;
  const each = Math.ceil((2 * MOST_QUERIES) / places.length);
  const nodes = new Set<number>();
  for (const near of places) {
    const inside = near.subarray(0, taken);
    for (const node of inside) allowed.add(node);
    const able = inside.filter((node) => isOnLevelZero(index, node));
    for (let i = 0; i < each; i++) nodes.add(able[Math.floor(((i + 0.5) * able.length) / each)]);
  }
  const queries = Array.from(nodes, (node) => ({ node, query: rowOf(index, node) }));
  return placedSample(own, queries, allowed, { kind: 'walk-inside', about: 'dense' }, check);
}

function placedSample(
  own: GraphAccess,
  queries: readonly SampleQuery[],
  allowed: Bitset,
  { kind, about }: { readonly kind: WalkKind; readonly about: About },
  check: () => void,
): Placed | undefined {
  // Places may have nodes in common.
  const share = allowed.count() / own.index.header.count;
  const all = queries.filter((query) => aboutOf(own, query, allowed, share, kind) === about);
  const some = all.filter((_, i) => i % Math.ceil(all.length / MOST_QUERIES) === 0);
  return some.length < LEAST_QUERIES ? undefined : { share, sample: sampleOf(own, some, allowed, check) };
}

/** What is the case about a query, as a walk finds it. */
function aboutOf(
  own: GraphAccess,
  { node, query }: SampleQuery,
  allowed: Bitset,
  share: number,
  kind: WalkKind,
): About {
  const around = aroundAt(share, CLASSED_EFFORT);
  const rows = own.index.header.count;
  const request: SegmentRequest = { query, wanted: CURVE_LIMIT, allowed, rows, scope: 'filtered' };
  return walkGraph(own, request, { effort: CLASSED_EFFORT, around, inside: kind === 'walk-inside', hidden: node })
    .about;
}

/** For walks with one effort wherever the query lies, but that give up where what matches lies away from it. */
function aroundAt(share: number, effort: number): EffortAround {
  const { below, above, least, ...shares } = sharesAround(share);
  return { ...shares, far: { effort: 0, below }, dense: { effort, above, least, through: false } };
}
