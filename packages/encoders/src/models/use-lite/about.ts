import type { ModelEntry } from '../../catalogue/model-entry.js';
import { PACKAGE, convertedName, modelChecksum, modelFiles } from './model-files.js';
import { DIMENSIONS, NAME } from './specification.js';

export const USE_LITE: ModelEntry = {
  name: NAME,
  accepts: ['text'],
  output: { kind: 'dense', dimensions: DIMENSIONS, metric: 'cosine' },
  description: 'sentences by meaning, English (Universal Sentence Encoder lite)',
  licence: 'Apache-2.0',
  source: PACKAGE,
  files: modelFiles,
  converted: async () => convertedName(await modelChecksum()),
};
