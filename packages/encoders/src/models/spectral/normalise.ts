import { CENTRES, DEVIATIONS } from './typical-values.js';
import { DIMENSIONS, GROUPS, LARGEST_DEVIATION } from './specification.js';

/** What a deviation of each feature counts: sounds of typical deviations have a squared length of 1, shared by the groups. */
const WEIGHTS = GROUPS.flatMap(({ features }) =>
  Array.from({ length: features }, () => 1 / Math.sqrt(features * GROUPS.length)),
);

/** Features in deviations from what is typical of sounds, weighted so that each group counts alike. */
export function normalise(values: Float64Array): Float32Array {
  return Float32Array.from({ length: DIMENSIONS }, (_, at) => {
    const deviations = (values[at] - CENTRES[at]) / DEVIATIONS[at];
    return WEIGHTS[at] * Math.max(-LARGEST_DEVIATION, Math.min(LARGEST_DEVIATION, deviations));
  });
}
