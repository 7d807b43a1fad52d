import type { ModelEntry } from '../catalogue/model-entry.js';
import { LANGUAGES } from './languages.js';

export const BAG_OF_WORDS: ModelEntry = {
  name: 'bow:<language>',
  accepts: ['text'],
  output: { kind: 'sparse' },
  description: `words for BM25, stemmed: ${LANGUAGES.join(', ')}`,
  licence: 'MIT',
};
