import type { ModelEntry } from '../../catalogue/model-entry.js';
import { convertedName, modelChecksum, modelFiles } from './model-files.js';
import { DIMENSIONS, NAME } from './specification.js';

export const MOBILENET_V2: ModelEntry = {
  name: NAME,
  accepts: ['image'],
  output: { kind: 'dense', dimensions: DIMENSIONS, metric: 'cosine' },
  description: 'pictures by what they show (features of MobileNetV2 1.4)',
  licence: 'MIT',
  source: 'nsfwjs',
  files: modelFiles,
  converted: async () => convertedName(await modelChecksum()),
};
