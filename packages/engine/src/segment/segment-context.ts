import type { CatalogEntry, DenseSpace } from '../store/index.js';
import type { SegmentOptions } from './build-task.js';
import type { Calibration } from './calibration.js';
import type { MemoryBudget } from './memory-budget.js';
import type { PolicyLimits } from './merge-policy.js';
import type { SegmentBuilder } from './segment-builder.js';
import type { SegmentSearchers } from './segment-searchers.js';

/** What the segments of all collections of a database share. */
export interface SegmentContext {
  /** The database file, or undefined for one in memory, which stores no segments. */
  readonly file: string | undefined;
  readonly readOnly: boolean;
  readonly limits: PolicyLimits;
  readonly budget: MemoryBudget;
  readonly builder: SegmentBuilder;
  readonly searchers: SegmentSearchers;
  readonly calibration: Calibration;
}

/**
 * What segments of a space are made with now. Full-precision vectors beside codes are kept in memory while there is room
 * for `vectors` of them, and for as many again while they are merged.
 */
export function segmentOptions(
  { file, budget, searchers }: SegmentContext,
  { schema }: CatalogEntry,
  space: DenseSpace,
  vectors: number,
): SegmentOptions {
  const { quantization, hnsw } = schema.vectors[space.name];
  const { m, efConstruction } = hnsw;
  const vectorBytes = vectors * space.dimensions * 4;
  const keepVectors = quantization === 'none' || file === undefined || budget.has(2 * vectorBytes);
  return { space, quantization, m, efConstruction, walkers: searchers.threads + 1, keepVectors, file };
}
