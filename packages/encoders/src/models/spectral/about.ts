import type { ModelEntry } from '../../catalogue/model-entry.js';
import { DIMENSIONS, NAME } from './specification.js';

export const SPECTRAL: ModelEntry = {
  name: NAME,
  accepts: ['audio'],
  output: { kind: 'dense', dimensions: DIMENSIONS, metric: 'cosine' },
  description: 'any sound by timbre, pitch, rhythm and level (features, no model)',
  licence: 'Apache-2.0',
};
