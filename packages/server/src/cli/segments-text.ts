import type { SegmentStats } from '@nearfield/engine';

/** How many segments there are of each kind: `2 sealed, 1 flat`. */
export function segmentsText(segments: readonly SegmentStats[]): string {
  const parts = (['sealed', 'flat'] as const).map((wanted) => {
    const count = segments.filter(({ kind }) => kind === wanted).length;
    return count === 0 ? [] : [`${count} ${wanted}`];
  });
  return parts.flat().join(', ') || 'no segments';
}
