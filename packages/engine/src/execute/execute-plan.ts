import { NearfieldError } from '../errors/index.js';
import { Bitset, type Candidates, type TieBreak } from '../indexes/index.js';
import type { LegVector } from '../query/index.js';
import type { LegNode, QueryPlan } from '../plan/index.js';
import type { RecordId } from '../schema/index.js';
import type { MutableSegment } from '../segment/index.js';

/** The candidates of every leg, in the order of the plan's legs, all over one state of one segment. */
export interface CandidateList {
  readonly segment: MutableSegment;
  readonly legs: readonly Candidates[];
  /** Records that at least one leg could have returned. */
  readonly matches: number;
  readonly tieBreak: TieBreak;
}

/** Runs the legs of a plan under `allowed`, the live rows that pass the filter. Synchronous: the segment stands still. */
export function executePlan(
  plan: QueryPlan,
  vectors: readonly LegVector[],
  segment: MutableSegment,
  allowed: Bitset,
): CandidateList {
  const { ids } = segment;
  const tieBreak: TieBreak = (a, b) => compareIds(ids[a], ids[b]);
  const legs = plan.legs.map((leg, i) => executeLeg(leg, vectors[i], segment, allowed, tieBreak));
  const matched = new Bitset(segment.rows);
  for (const leg of legs) matched.unite(leg.matched);
  return { segment, legs, matches: matched.count(), tieBreak };
}

const NOTHING: Candidates = {
  records: new Uint32Array(),
  scores: new Float32Array(),
  matched: new Bitset(),
  scored: 0,
};

function executeLeg(
  leg: LegNode,
  vector: LegVector,
  segment: MutableSegment,
  allowed: Bitset,
  tieBreak: TieBreak,
): Candidates {
  if (vector === undefined) return NOTHING;
  switch (leg.kind) {
    case 'dense-scan':
      if (!(vector instanceof Float32Array)) throw wrongKind(leg.vector, 'dense');
      return segment.dense.get(leg.vector)!.search(vector, leg.limit, allowed, segment.rows, tieBreak);
    case 'postings-scan':
      if (vector instanceof Float32Array) throw wrongKind(leg.vector, 'sparse');
      return segment.sparse.get(leg.vector)!.search(vector, leg.limit, allowed, segment.rows, tieBreak);
    default:
      return leg satisfies never;
  }
}

/** The order of ids: numbers before strings, numbers by value, strings by UTF-16 code units. */
export function compareIds(a: RecordId, b: RecordId): number {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
}

function wrongKind(vector: string, kind: string): NearfieldError {
  return new NearfieldError('ENCODER_FAILED', `The encoder of \`${vector}\` did not return a ${kind} vector`);
}
