import { quantile } from './quantile.js';

/** Largest code, to both sides of the middle. */
const LARGEST_CODE = 127;
/** The share of a dimension's values, at each end, that may be outliers. */
const OUTLIERS = 0.001;
/** How far beyond the other values, as a share of their range, the codes reach for outliers. */
const MARGIN = 0.3;
/**
 * The middle and the scale of each dimension, so that the codes -127 to 127 cover the values of the sample, except those far
 * out: `middles` then `scales`, each padded with zeros to `padded` numbers. `rows` are `stride` numbers apart.
 *
 * Ranges of their own for each dimension, and of all values, lose least: recall@10 of GloVe (ef 200, .9555 by f32) when 10
 * nodes are rescored is .942, with one width for all dimensions .936, and .936 and .923 when .0005 and .002 of the values are
 * clipped at each end. Rescoring 2 k nodes, it is .9553.
 */
export function calibrateInt8(rows: Float32Array, stride: number, dimensions: number, padded: number): Float32Array {
  const parameters = new Float32Array(2 * padded);
  const count = Math.floor(rows.length / stride);
  const values = new Float32Array(count);
  for (let d = 0; d < dimensions; d++) {
    for (let row = 0; row < count; row++) values[row] = rows[row * stride + d];
    values.sort();
    const [first, last] = [quantile(values, OUTLIERS), quantile(values, 1 - OUTLIERS)];
    const margin = MARGIN * (last - first);
    const low = Math.max(quantile(values, 0), first - margin);
    const high = Math.min(quantile(values, 1), last + margin);
    parameters[d] = (low + high) / 2;
    parameters[padded + d] = (high - low) / (2 * LARGEST_CODE);
  }
  return parameters;
}
