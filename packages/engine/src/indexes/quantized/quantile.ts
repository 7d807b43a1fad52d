/** The value below which a share of the sorted values lies, without interpolation. */
export function quantile(sorted: Float32Array, share: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))];
}
