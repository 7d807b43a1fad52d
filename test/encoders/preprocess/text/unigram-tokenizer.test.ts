import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { modelFolder } from '@nearfield/encoders/internals/models/use-lite/model-files';
import { RESERVED_SYMBOLS } from '@nearfield/encoders/internals/models/use-lite/specification';
import {
  UnigramTokenizer,
  type VocabularyEntry,
} from '@nearfield/encoders/internals/preprocess/text/unigram-tokenizer';

const vocabulary = JSON.parse(readFileSync(join(modelFolder(), 'vocab.json'), 'utf8')) as VocabularyEntry[];
const tokenizer = new UnigramTokenizer(vocabulary, RESERVED_SYMBOLS);

/**
 * The reference, written from its description and without a trie: for every end position it tries every start, takes
 * the piece between them from a plain dictionary, and keeps the best total; a later start wins a tie, 0 means "none
 * yet".
 */
function referenceTokens(text: string): number[] {
  const ids = new Map(vocabulary.map(([piece], id) => [piece, id] as const).slice(RESERVED_SYMBOLS));
  const firsts = new Set([...ids.keys()].map((piece) => Array.from(piece)[0]));
  const normalized = text.normalize('NFKC');
  const symbols = normalized === '' ? [] : Array.from(`▁${normalized.split(' ').join('▁')}`);
  const best = [0];
  const steps: { id: number; from: number }[] = [{ id: 0, from: 0 }];
  for (let end = 1; end <= symbols.length; end++) {
    best[end] = 0;
    for (let from = Math.max(0, end - 20); from < end; from++) {
      const unknown = from === end - 1 && !firsts.has(symbols[from]);
      const id = unknown ? 0 : ids.get(symbols.slice(from, end).join(''));
      if (id === undefined) continue;
      const total = (best[from] ?? 0) + (unknown ? 0 : (vocabulary[id]?.[1] ?? 0));
      if (best[end] !== 0 && total < (best[end] ?? 0)) continue;
      best[end] = total;
      steps[end] = { id, from };
    }
  }
  const path: number[] = [];
  for (let end = symbols.length; end > 0; end = steps[end]?.from ?? 0) path.unshift(steps[end]?.id ?? 0);
  return path.filter((id, at) => id !== 0 || path[at - 1] !== 0);
}

t.test('known sentences have the tokens that TensorFlow.js gives', async (t) => {
  // From the package @tensorflow-models/universal-sentence-encoder 1.3.3 with the vocabulary of this model.
  const known: Record<string, number[]> = {
    'A person who studies the stars.': [74, 362, 88, 4009, 9, 4163, 6],
    'at 10:30 see http://example.org :-)': [38, 320, 4177, 158, 290, 255, 773, 1563, 147, 6, 1649, 6600],
    'naïve café, 東京 🙂🙂 ok': [1216, 0, 105, 976, 209, 1133, 8, 30, 0, 30, 0, 2303],
    '  two  spaces\n': [30, 30, 174, 30, 1016, 7, 0],
    'Time: 9:00': [3755, 57, 538, 5920],
  };
  for (const [text, ids] of Object.entries(known)) t.same(tokenizer.encode(text), ids, text);
});

t.test('an empty text has no tokens, and a run of unknown characters is one', async (t) => {
  t.same(tokenizer.encode(''), []);
  const [space, ...rest] = tokenizer.encode('漢字仮名');
  t.equal(vocabulary[space ?? -1]?.[0], '▁');
  t.same(rest, [0]);
  t.same(tokenizer.encode('\ud800'), [space, 0], 'a lone surrogate is an unknown character');
});

t.test('compatibility forms are normalized first', async (t) => {
  t.same(tokenizer.encode('ｆｕｌｌ\u00a0ﬁt'), tokenizer.encode('full fit'));
});

t.test('random texts have the tokens of the plain reference', async (t) => {
  const pieces = fc.constantFrom(...vocabulary.slice(RESERVED_SYMBOLS).map(([piece]) => piece.replaceAll('▁', ' ')));
  const odd = fc.constantFrom(
    ':',
    '://',
    ':30',
    ':00',
    ' :)',
    ' :-)',
    ' :(',
    '):',
    '  ',
    '\n',
    '漢',
    '🙂',
    'é',
    '▁',
    '\ud83d',
  );
  const part = fc.oneof(pieces, odd, fc.string({ unit: 'binary', maxLength: 6 }));
  const text = fc.array(part, { maxLength: 25 }).map((parts) => parts.join(''));
  const agree = fc.property(text, (input) => isDeepStrictEqual(tokenizer.encode(input), referenceTokens(input)));
  t.doesNotThrow(() => fc.assert(agree, { seed: 16, numRuns: 300 }));
});
