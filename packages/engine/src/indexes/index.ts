export { Bitset } from './bitset.js';
export { firstInSteps, firstOf } from './select.js';
export { ONE_VECTOR, bestOfEach, rank, type Candidates, type TieBreak } from './candidates.js';
export { EMPTY_HAND, joined, notBelow, type Hand } from './collect.js';
export { inPieces } from './in-pieces.js';
export { FlatIndex, type SharedFlatIndex } from './flat/flat-index.js';
export type { Bm25Parameters } from './inverted/bm25.js';
export { InvertedIndex, type TermVector } from './inverted/inverted-index.js';
export type { ColumnIndex, Steps, ValueCounts } from './column/column-index.js';
export { createColumn } from './column/create-column.js';
export { HnswIndex, NO_OWNER } from './hnsw/hnsw-index.js';
export type { About, EffortAround, HnswHits, HnswOptions, HnswScan } from './hnsw/hnsw-options.js';
export { bytesOfNode, type HnswHeader, type HnswLayout } from './hnsw/hnsw-layout.js';
export type { HnswGraph } from './hnsw/hnsw-graph.js';
export { readHnswlibFile, type HnswlibExpectation } from './hnsw/hnswlib-file.js';
export {
  CURVE_EFFORTS,
  CURVE_LIMIT,
  computedAt,
  effortFor,
  recallAt,
  type EffortCurve,
  type EffortPoint,
} from './effort-curve.js';
export {
  expectedDenseWalk,
  expectedFarWalk,
  expectedWalk,
  isDenseMeasured,
  mostWalk,
  sharesAround,
  type DeepRecall,
  type ExpectedWalk,
  type FilteredCurve,
  type MeasuredEffort,
  type MeasuredTimes,
  type ScanPoint,
  type WalkKind,
  type WalkQuestion,
} from './measured-effort.js';
export {
  USUAL_TIMES,
  bytesOfCode,
  parseMachineTimes,
  possibleTimes,
  type MachineTimes,
  type Machines,
} from './machine-times.js';
export {
  rescored,
  scanFlat,
  scanGraph,
  scanStoredNodes,
  walkGraph,
  type GraphAccess,
  type NodeScorer,
  type SearchScope,
  type SegmentRequest,
  type WalkOptions,
  type WalkedHand,
} from './segment-search.js';
export { connectUnreached } from './hnsw/connect-unreached.js';
export { drawLevels } from './hnsw/levels.js';
