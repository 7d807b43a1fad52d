import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { WordBreaker } from '@nearfield/encoders/internals/bow/words';

const breaker = new WordBreaker('en');
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
/** The reference: the segmenter over the whole text. It takes `__` for a word, but not `_`. */
const referenceWords = (text: string): string[] => {
  const segments = [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike);
  return segments.map(({ segment }) => segment).filter((word) => word.replaceAll('_', '') !== '');
};
const agrees = (text: string): boolean => isDeepStrictEqual([...breaker.words(text)], referenceWords(text));

t.test('words of plain text are those of Intl.Segmenter', async (t) => {
  const common = fc.constantFrom(
    'a',
    'B',
    '7',
    '_',
    '.',
    ',',
    ';',
    ':',
    "'",
    '"',
    '-',
    ' ',
    '\n',
    '\r',
    '\t',
    '/',
    '@',
    '\0',
  );
  const text = fc.string({
    unit: fc.oneof({ weight: 4, arbitrary: common }, fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 })),
  });
  t.doesNotThrow(() => fc.assert(fc.property(text, agrees), { seed: 13, numRuns: 3000 }));
});

t.test('words of any text are those of Intl.Segmenter, however often it is read', async (t) => {
  const parts = fc.constantFrom(
    'naïve',
    'Straße',
    'don’t',
    '東京都',
    'ひらがな',
    'カタカナ',
    'สวัสดี',
    '한국어',
    '🙂',
    '👩‍🚀',
    'e\u0301',
    '\u200d',
    '\u0301',
    '\u2028',
    '\u00a0',
    '\u3000',
    '。',
    '・',
    'שלום',
    '٣٫٥',
    "l'été",
    'a',
    '1',
    '.',
    "'",
    '_',
    ' ',
    '\n',
    '\t',
    ':',
  );
  const text = fc
    .array(fc.oneof(parts, fc.string({ unit: 'grapheme', maxLength: 2 })), { maxLength: 12 })
    .map((all) => all.join(''));
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(text, (text) => agrees(text) && agrees(text)),
      { seed: 14, numRuns: 3000 },
    ),
  );
});

t.test('abbreviations, numbers and contractions are one word each', async (t) => {
  t.same(
    [...breaker.words("The U.S.A. spent 1,234.5 on e-mail, didn't it? x_1 ___")],
    ['The', 'U.S.A', 'spent', '1,234.5', 'on', 'e', 'mail', "didn't", 'it', 'x_1'],
  );
});
