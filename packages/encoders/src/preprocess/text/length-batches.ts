/**
 * Positions of sequences, cut into batches of similar length, shortest first: every batch is padded to its longest
 * sequence, so that rows x longest is what it costs. A batch costs at most `budget`, or holds one sequence.
 */
export function lengthBatches(lengths: readonly number[], budget: number, rows = Number.POSITIVE_INFINITY): number[][] {
  const ordered = Array.from(lengths.keys()).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const position of ordered) {
    const longest = Math.max(lengths[position] ?? 0, 1);
    if (batch.length > 0 && (batch.length === rows || (batch.length + 1) * longest > budget)) {
      batches.push(batch);
      batch = [];
    }
    batch.push(position);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
