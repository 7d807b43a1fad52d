import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { bagOfWords, type BagOfWordsOptions, type EncoderInput, type SparseVector } from '@nearfield/encoders';
import { LANGUAGES, defaultStopWords } from '@nearfield/encoders/internals/bow/languages';
import { slowClock } from '../../slow-clock.js';
import { conformance } from '../conformance.js';

const text = (text: string): EncoderInput => ({ kind: 'text', text });

/** Terms and counts of one text. */
async function terms(value: string, options?: BagOfWordsOptions): Promise<Record<string, number>> {
  const [vector] = (await bagOfWords(options).encode([text(value)])) as SparseVector[];
  return Object.fromEntries(vector?.terms.map((term, at) => [term, vector.weights[at] ?? 0]) ?? []);
}

conformance(t, {
  make: async () => bagOfWords(),
  inputs: [
    'a person who studies the stars',
    'rain in Spain',
    '',
    'the',
    '東京の天文学者',
    '🙂',
    '\ud800',
    'word '.repeat(5000),
  ].map(text),
  foreign: { kind: 'audio', audio: new Uint8Array(4) },
});

t.test('terms are stems with the number of times they occur', async (t) => {
  t.same(await terms('The astronomer studies stars; astronomers studied a star.'), { astronom: 2, studi: 2, star: 2 });
});

t.test('numbers are kept, case and compatibility forms are not', async (t) => {
  t.same(await terms('In 1969 ＡＰＯＬＬＯ 11 apollo cost 25.4'), { 1969: 1, apollo: 2, 11: 1, cost: 1, '25.4': 1 });
});

t.test('a contraction is a stop word with either apostrophe', async (t) => {
  t.same(await terms("didn't didn’t"), {});
});

t.test('a text of stop words has no terms', async (t) => t.same(await terms('to be or not to be'), {}));

t.test('words that people search for are not English stop words', async (t) => {
  const searched = ['computer', 'system', 'fire', 'room', 'home', 'bill', 'state', 'world', 'number', 'microsoft'];
  t.same(Object.keys(await terms(searched.join(' '), { stem: false })), searched);
});

t.test('scripts without spaces are cut into words', async (t) => {
  const found = Object.keys(await terms('天文学者は星を研究する。'));
  t.ok(found.length >= 4, found.join(' '));
  t.ok(found.includes('星'));
});

t.test('stop words and stems can be chosen', async (t) => {
  t.same(await terms('The running dogs', { stopWords: false }), { the: 1, run: 1, dog: 1 });
  t.same(await terms('The running dogs', { stopWords: ['dogs'], stem: false }), { the: 1, running: 1 });
});

t.test('a long word is cut to a term of 64 characters', async (t) => {
  t.same(await terms('x'.repeat(300)), { ['x'.repeat(64)]: 1 });
});

t.test('a text of a megabyte is analysed, with every word counted', async (t) => {
  t.same(await terms('stars and planets '.repeat(60_000)), { star: 60_000, planet: 60_000 });
  t.equal(Object.keys(await terms('x'.repeat(1_000_000), { stopWords: false })).length <= 2, true);
  t.ok(Object.keys(await terms('天文学者は星を研究する'.repeat(50_000))).length > 3);
});

t.test('other work gets its turn while many texts are analysed', async (t) => {
  let turns = 0;
  let encoding = true;
  const count = (): void => {
    turns += 1;
    if (encoding) setImmediate(count);
  };
  setImmediate(count);
  slowClock(t);
  await bagOfWords().encode(Array.from({ length: 50 }, (_, at) => text(`word${at} `.repeat(5000))));
  encoding = false;
  t.ok(turns >= 50, `${turns} turns`);
});

t.test('each language stems and leaves out its own words', async (t) => {
  t.same(await terms('les maisons et les chiens', { language: 'french' }), { maison: 1, chien: 1 });
  t.same(await terms('die Häuser und die Hunde', { language: 'german' }), { haus: 1, hund: 1 });
  t.same(await terms('собаки и дома', { language: 'russian' }), { собак: 1, дом: 1 });
  for (const language of LANGUAGES) {
    t.equal(bagOfWords({ language }).identity.name, `bow:${language}`);
    t.ok(defaultStopWords(language).length > 30, language);
    t.same(await terms(defaultStopWords(language)[10] ?? '', { language }), {}, language);
  }
});

t.test('the identity changes with every rule that changes a term', async (t) => {
  const variants: BagOfWordsOptions[] = [
    {},
    { language: 'german' },
    { stopWords: false },
    { stopWords: ['x'] },
    { stem: false },
  ];
  t.equal(new Set(variants.map((options) => bagOfWords(options).identity.checksum)).size, variants.length);
  t.same(bagOfWords({ stopWords: ['b', 'a'] }).identity, bagOfWords({ stopWords: ['a', 'b', 'a'] }).identity);
  t.same(bagOfWords().identity, bagOfWords({ language: 'english', stem: true }).identity);
});

t.test('bad options are refused by name', async (t) => {
  t.throws(() => bagOfWords({ lang: 'english' } as never), {
    code: 'UNKNOWN_OPTION',
    message: /Did you mean `language`/,
  });
  t.throws(() => bagOfWords({ language: 'englisch' } as never), {
    code: 'INVALID_ARGUMENT',
    message: /Did you mean `english`/,
  });
  t.throws(() => bagOfWords({ stopWords: 'the' } as never), {
    code: 'INVALID_ARGUMENT',
    details: { field: 'stopWords' },
  });
  t.throws(() => bagOfWords({ stopWords: [7] } as never), {
    code: 'INVALID_ARGUMENT',
    details: { field: 'stopWords' },
  });
  t.throws(() => bagOfWords({ stem: 1 } as never), { code: 'INVALID_ARGUMENT', details: { field: 'stem' } });
});

t.test('a long word is cut between characters, also where one takes two UTF-16 units', async (t) => {
  const letter = '\u{10428}';
  t.same(await terms(`a${letter.repeat(40)} ${'b'.repeat(70)}`, { stem: false }), {
    [`a${letter.repeat(31)}`]: 1,
    ['b'.repeat(64)]: 1,
  });
});

t.test('the terms do not keep the texts in memory', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const encoder = bagOfWords();
  const kept: string[] = [];
  const filler = 'the of and to a in that it is was for on are as with '.repeat(18);
  const before = heap();
  for (let i = 0; i < 4000; i++) {
    const [vector] = (await encoder.encode([
      text(`${filler} unforgettable${i} ünforgettable${i} ${filler}`),
    ])) as SparseVector[];
    kept.push(...(vector?.terms ?? []));
  }
  const bytes = (heap() - before) / kept.length;
  t.equal(kept.length, 8000);
  t.ok(bytes < 250, `${bytes.toFixed(0)} bytes a term; a text has ${2 * filler.length}`);
});
