import fc from 'fast-check';
import t from 'tap';
import { passages, passagesInSteps } from '@nearfield/encoders/internals/preprocess/text/passages';

/** A token a word, and one for each five letters of longer ones. */
const countTokens = (text: string): number =>
  (text.match(/\S+/g) ?? []).reduce((sum, word) => sum + Math.ceil(word.length / 5), 0);

const cut = (text: string, window: number, overlap?: number) =>
  passages(text, { window, overlap, countTokens }).map(({ start, end }) => text.slice(start, end));

const sentence = (words: number, word = 'tiny'): string => `${Array(words).fill(word).join(' ')}.`;

t.test('a text that fits is one passage', async (t) => {
  t.same(passages('One two. Six.', { window: 3, countTokens }), [{ start: 0, end: 13 }]);
  t.same(passages('  Hi. \n', { window: 3, countTokens }), [{ start: 2, end: 5 }]);
  t.equal(passages('', { window: 3, countTokens }).length, 1);
  t.equal(passages(' \n ', { window: 3, countTokens }).length, 1);
});

t.test('passages end with sentences, and the last one is filled from before', async (t) => {
  t.same(cut('Aa bb cc. Dd ee ff. Gg hh ii. Jj kk.', 6), ['Aa bb cc. Dd ee ff.', 'Gg hh ii. Jj kk.']);
  t.same(cut('Aa bb cc. Dd ee ff. Gg.', 6), ['Aa bb cc. Dd ee ff.', 'Dd ee ff. Gg.']);
});

t.test('neighbours share a short sentence, but not a long one', async (t) => {
  const [long, short] = [sentence(8), sentence(2, 'ok')];
  t.same(cut(`${long} ${short} ${long} ${short} ${long}`, 12), [
    `${long} ${short}`,
    `${short} ${long} ${short}`,
    `${short} ${long}`,
  ]);
  t.same(cut(`${long} ${long} ${long}`, 12), [long, long, long]);
  t.same(cut(`${long} ${short} ${long}`, 10, 0), [`${long} ${short}`, `${short} ${long}`], 'but for the last one');
});

t.test('an overlap that leaves no room for the next sentence is left out', async (t) => {
  const [first, short, long] = [sentence(9), sentence(3, 'ok'), sentence(11)];
  t.same(cut(`${first} ${short} ${long} ${long}`, 12), [`${first} ${short}`, long, long]);
});

t.test('a line that goes on in lower case does not end a sentence, an empty line does', async (t) => {
  t.same(cut('Aa bb\ncc dd.\nEe ff gg hh.', 4), ['Aa bb\ncc dd.', 'Ee ff gg hh.']);
  t.same(cut('aa bb cc\n\ndd ee ff', 4, 0), ['aa bb cc', 'dd ee ff']);
});

t.test('a long text without capitals is cut at its full stops', async (t) => {
  t.same(cut('aa bb cc dd. ee ff gg. hh ii jj kk.', 5, 0), ['aa bb cc dd.', 'ee ff gg.', 'hh ii jj kk.']);
});

t.test('a sentence longer than the window is cut between words, a longer word between characters', async (t) => {
  const words = Array.from({ length: 60 }, (_, i) => `w${i}`).join(' ');
  for (const passage of cut(words, 20)) t.ok(words.split(' ').includes(passage.split(' ')[0]), passage);
  const pieces = cut(`${'é'.normalize('NFD').repeat(100)}.`, 10);
  t.ok(pieces.length > 2);
  t.ok(pieces.every((piece) => !piece.startsWith('\u0301')));
});

t.test('Chinese sentences are found, too', async (t) => {
  const countCharacters = (text: string): number => Array.from(text).length;
  const text = '今天天气很好。我们去公园吧!你想去吗?';
  const spans = passages(text, { window: 8, countTokens: countCharacters });
  t.same(
    spans.map(({ start, end }) => text.slice(start, end)),
    ['今天天气很好。', '我们去公园吧!', '你想去吗?'],
  );
});

t.test('any text is covered by ascending passages that fit', async () => {
  const text = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.stringMatching(/^[a-z]{1,9}$/) },
      fc.constantFrom('. ', '\n', '\n\n', '!', '  ', '😀😀😀😀', 'e\u0301\u0301', '漢字漢字', 'x'.repeat(90)),
    ),
    { maxLength: 120 },
  );
  const options = fc.record({
    window: fc.integer({ min: 1, max: 30 }),
    overlap: fc.constantFrom(undefined, 0, 0.15, 0.5),
  });
  fc.assert(
    fc.property(text, options, fc.boolean(), (words, { window, overlap }, spaced) => {
      const text = words.join(spaced ? ' ' : '');
      const spans = passages(text, { window, overlap, countTokens });
      let end = 0;
      for (const [i, span] of spans.entries()) {
        if (i > 0 && !(span.start > spans[i - 1].start && span.end > end)) return false;
        if (span.start > end && text.slice(end, span.start).trim() !== '') return false;
        const passage = text.slice(span.start, span.end);
        if (passage !== passage.trim() || !passage.isWellFormed()) return false;
        if (window >= 5 && countTokens(passage) > window) return false;
        ({ end } = span);
      }
      return text.slice(end).trim() === '';
    }),
    { numRuns: 500, seed: 20, verbose: 1 },
  );
});

t.test('a long text is cut in steps, without a seam', async (t) => {
  const text = Array.from({ length: 9000 }, (_, i) => sentence(1 + (i % 13), `w${i}`)).join(' ');
  const pieces: number[] = [];
  const spans = await passagesInSteps(text, (piece) => {
    pieces.push(piece.length);
    return passages(piece, { window: 64, countTokens });
  });
  t.ok(pieces.length > 10 && Math.max(...pieces) <= 16 * 1024, 'the steps are short');
  let end = 0;
  for (const span of spans) {
    const goesOn = span.start <= end + 1 && span.end > end && text[span.end - 1] === '.';
    if (!goesOn || countTokens(text.slice(span.start, span.end)) > 64) t.fail(`${span.start} to ${span.end}`);
    ({ end } = span);
  }
  t.equal(end, text.length);
});

t.test('a window longer than a step takes longer steps', async (t) => {
  const text = Array.from({ length: 20_000 }, (_, i) => sentence(5, `w${i}`)).join(' ');
  const spans = await passagesInSteps(text, (piece) => passages(piece, { window: 30_000, countTokens }));
  t.ok(spans.length < 10, `${spans.length} passages`);
  t.same([spans[0].start, spans.at(-1)?.end], [0, text.length]);
});

t.test('the time is proportional to the length, whatever the text', async (t) => {
  for (const make of [
    (n: number) => 'a'.repeat(n),
    (n: number) => 'a '.repeat(n / 2),
    (n: number) => '. '.repeat(n / 2),
    (n: number) => '\n'.repeat(n - 1) + 'a b c d e f g h i',
    (n: number) => '\u0301'.repeat(n),
  ]) {
    let counted = 0;
    const count = (text: string): number => {
      counted += text.length;
      return countTokens(text);
    };
    const length = 100_000;
    await passagesInSteps(make(length), (piece) => passages(piece, { window: 8, countTokens: count }));
    t.ok(counted < 20 * length, `${counted} characters were tokenized of ${length}`);
  }
});

t.test('an abort ends it between steps', async (t) => {
  const controller = new AbortController();
  const text = sentence(100_000);
  const cutting = passagesInSteps(
    text,
    async (piece) => {
      controller.abort();
      return passages(piece, { window: 64, countTokens });
    },
    controller.signal,
  );
  await t.rejects(cutting, { code: 'ABORTED' });
});
