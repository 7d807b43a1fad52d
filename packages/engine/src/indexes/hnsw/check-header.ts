import { NearfieldError } from '../../errors/index.js';
import { MAX_DIMENSIONS, METRICS } from '../../distance/index.js';
import type { HnswHeader } from './hnsw-layout.js';

const QUANTIZATIONS = ['none', 'int8', 'binary'];
const MAX_M = 4096;

/** Throws CORRUPT unless the numbers can be those of a graph. */
export function checkHeader(header: HnswHeader): void {
  const { dimensions, m, efConstruction, count, entry, maxLevel, upperBlocks } = header;
  const numbers = [dimensions, m, efConstruction, count, entry, maxLevel, upperBlocks];
  const isSound =
    numbers.every((n) => Number.isInteger(n) && n >= 0 && n <= 0xffffffff) &&
    METRICS.includes(header.metric) &&
    QUANTIZATIONS.includes(header.quantization) &&
    dimensions > 0 &&
    dimensions <= MAX_DIMENSIONS &&
    m > 0 &&
    m <= MAX_M &&
    count > 0;
  if (!isSound) throw corrupt(JSON.stringify(header));
}

export function corrupt(received: string): NearfieldError {
  return new NearfieldError('CORRUPT', 'A stored graph cannot be used', { received, remedy: 'Build the graph anew.' });
}
