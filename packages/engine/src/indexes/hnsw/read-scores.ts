import { publicScore } from '../../distance/index.js';
import type { HnswHeader } from './hnsw-layout.js';
import type { PreparedQuery } from './walker.js';

/** The public scores of the first `count` keys that a walk left. */
export function readScores(
  { metric, quantization }: HnswHeader,
  keys: Int32Array,
  count: number,
  prepared: PreparedQuery,
): Float32Array {
  const { constant, productScale } = prepared;
  const scores = new Float32Array(count);
  const bits = new Int32Array(scores.buffer);
  for (let i = 0; i < scores.length; i++) {
    const distance = keys[2 * i + 1];
    if (quantization === 'binary') {
      scores[i] = -distance;
    } else if (quantization === 'int8' && metric !== 'euclidean') {
      scores[i] = publicScore(metric, constant - distance * productScale);
    } else {
      // Negative numbers run backwards in the bits of an f32, as in assembly/hnsw/keys.ts.
      bits[i] = distance ^ ((distance >> 31) & 0x7fffffff);
      scores[i] = publicScore(metric, metric === 'euclidean' ? -Math.max(0, scores[i] + constant) : -scores[i]);
    }
  }
  return scores;
}
