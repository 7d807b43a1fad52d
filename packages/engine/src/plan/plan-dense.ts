import { computedAt, effortFor, recallAt } from '../indexes/index.js';
import type { ParsedQuery } from '../query/index.js';
import type { Quantization } from '../schema/index.js';
import type { SegmentStep, VectorSegments } from '../segment/index.js';
import { scanCost, walkCost, type VectorShape } from './cost-model.js';

/** The recall that a search aims at when the query does not say. */
const DEFAULT_RECALL = 0.95;

/** How the segments of a space are searched, and what is to be expected of it. */
export interface DensePlan {
  readonly steps: readonly SegmentStep[];
  readonly exact: boolean;
  readonly recall: number;
  readonly cost: number;
}

/** How one segment would be searched. */
interface Choice {
  readonly step: SegmentStep;
  readonly recall: number;
  readonly cost: number;
}

/**
 * Chooses for each sealed segment between a scan and a walk, whichever is cheaper and gives the recall that is asked for.
 * `share` is the part of the live records that passes the filter.
 */
export function planDense(
  query: ParsedQuery,
  segments: VectorSegments,
  quantization: Quantization,
  limit: number,
  share: number,
): DensePlan {
  const { sealed, flats } = segments.view;
  const { dimensions } = segments.space;
  const choices = sealed.map((segment) => {
    const shape = { dimensions, quantization, inMemory: segment.keepsVectors };
    const scan = scanned(shape, segment.size, share);
    return query.exact ? scan : cheaper(walked(query, shape, segment, limit, share), scan);
  });
  const shape: VectorShape = { dimensions, quantization, inMemory: true };
  const flatCost = flats.reduce((sum, { index }) => sum + scanCost(shape, index.size, index.size * share), 0);
  const vectors = Math.max(1, segments.size);
  const lost = choices.reduce((sum, { recall }, i) => sum + (1 - recall) * (sealed[i].size / vectors), 0);
  return {
    steps: choices.map(({ step }) => step),
    exact: choices.every(({ step }) => step.kind === 'scan'),
    recall: 1 - lost,
    cost: choices.reduce((sum, { cost }) => sum + cost, flatCost),
  };
}

function scanned(shape: VectorShape, vectors: number, share: number): Choice {
  return { step: { kind: 'scan' }, recall: 1, cost: scanCost(shape, vectors, vectors * share) };
}

/** A walk with the effort that was asked for, or that gives the recall; undefined when no walk does. */
function walked(
  { effort, minRecall = DEFAULT_RECALL }: ParsedQuery,
  shape: VectorShape,
  { curve, size }: VectorSegments['view']['sealed'][number],
  limit: number,
  share: number,
): Choice | undefined {
  const ef = effort === undefined ? effortFor(curve, minRecall, limit) : Math.max(effort, limit);
  if (ef === undefined) return undefined;
  // A filter makes the walk go on until it has as many that pass.
  const distances = Math.min(size, computedAt(curve, ef) / Math.max(share, 1e-6));
  return {
    step: { kind: 'walk', effort: ef },
    recall: recallAt(curve, effort === undefined ? ef : Math.max(1, ef)),
    cost: walkCost(shape, distances),
  };
}

function cheaper(walk: Choice | undefined, scan: Choice): Choice {
  return walk === undefined || scan.cost <= walk.cost ? scan : walk;
}
