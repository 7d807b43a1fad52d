export { Bitset } from './bitset.js';
export { firstOf } from './select.js';
export { ONE_VECTOR, bestOfEach, rank, type Candidates, type TieBreak } from './candidates.js';
export { FlatIndex } from './flat/flat-index.js';
export type { Bm25Parameters } from './inverted/bm25.js';
export { InvertedIndex, type TermVector } from './inverted/inverted-index.js';
export { createColumn, type ColumnIndex } from './column/column-index.js';
