/**
 * How two dense vectors are compared. Scores are always "higher is nearer":
 * cosine similarity in [-1, 1], the dot product, or the negative euclidean distance.
 */
export type Metric = 'cosine' | 'dot' | 'euclidean';

export const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean'];
