/** The mean of each dimension over the rows of a sample, padded with Infinity to `padded` numbers. */
export function calibrateBinary(rows: Float32Array, stride: number, dimensions: number, padded: number): Float32Array {
  const means = new Float32Array(padded).fill(Infinity);
  const count = Math.floor(rows.length / stride);
  for (let d = 0; d < dimensions; d++) {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += rows[row * stride + d];
    means[d] = count === 0 ? 0 : sum / count;
  }
  return means;
}

/** The query's bits as the rows have them: set above the mean. */
export function prepareBinaryQuery(query: Float32Array, means: Float32Array, target: Uint8Array): void {
  target.fill(0);
  for (let d = 0; d < query.length; d++) if (query[d] > means[d]) target[d >>> 3] |= 1 << (d & 7);
}
