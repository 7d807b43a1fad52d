import { CENTRES, DEVIATIONS } from './typical-values.js';
import { DIMENSIONS, GROUPS, LARGEST_DEVIATION } from './specification.js';

/** What a deviation of each feature counts: a group's weight is spread over its features. */
const WEIGHTS = GROUPS.flatMap(({ features, weight }) =>
  Array.from({ length: features }, () => Math.sqrt(weight / features)),
);

/** Features in deviations from what is typical of sounds, weighted by group, as a vector of unit length. */
export function normalise(values: Float64Array): Float32Array {
  const vector = Float64Array.from({ length: DIMENSIONS }, (_, at) => {
    const deviations = (values[at] - CENTRES[at]) / DEVIATIONS[at];
    return WEIGHTS[at] * Math.max(-LARGEST_DEVIATION, Math.min(LARGEST_DEVIATION, deviations));
  });
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => value / length);
}
