import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { useLite, type EncoderInput } from '@nearfield/encoders';
import { modelFolder } from '@nearfield/encoders/internals/models/use-lite/model-files';
import { RESERVED_SYMBOLS, WINDOW } from '@nearfield/encoders/internals/models/use-lite/specification';
import {
  UnigramTokenizer,
  type VocabularyEntry,
} from '@nearfield/encoders/internals/preprocess/text/unigram-tokenizer';
import { conformance, difference } from '../../conformance.js';

const cache = t.testdir();
process.env.NEARFIELD_CACHE = cache;

const text = (text: string): EncoderInput => ({ kind: 'text', text });
const length = (embedding: unknown): number => Math.hypot(...(embedding as Float32Array));
const cosine = (a: unknown, b: unknown): number => {
  return (a as Float32Array).reduce((sum, value, at) => sum + value * ((b as Float32Array)[at] ?? 0), 0);
};

conformance(t, {
  make: () => useLite(),
  inputs: [
    'a person who studies the stars',
    'rain',
    '',
    '漢字',
    'x'.repeat(300),
    'a lone \ud800 surrogate',
    'The quick brown fox jumps over the lazy dog. '.repeat(40),
  ].map(text),
  foreign: { kind: 'image', image: 'picture.png' },
});

t.test('what it declares is known without loading the model', async (t) => {
  const encoder = await useLite();
  t.same(encoder.output, { kind: 'dense', dimensions: 512, metric: 'cosine' });
  t.same(encoder.accepts, ['text']);
  t.equal(encoder.strength, 0.15);
  t.equal(encoder.identity.name, 'text:use-lite');
});

t.test('sentences of like meaning are nearer than others', async (t) => {
  const encoder = await useLite();
  t.teardown(() => encoder.close());
  const sentences = ['How old are you?', 'What is your age?', 'The train leaves at noon.'].map(text);
  const [age, sameAge, train] = await encoder.encode(sentences, { role: 'query' });
  t.ok(cosine(age, sameAge) > 0.7);
  t.ok(cosine(age, train) < 0.5);
  t.ok(Math.abs(length(age) - 1) < 1e-5, 'embeddings have length 1');
});

t.test('batches of empty texts only have the embedding of an empty text', async (t) => {
  const encoder = await useLite();
  t.teardown(() => encoder.close());
  const empty = await encoder.encode([text(''), text('')]);
  const mixed = await encoder.encode([text('not empty'), text('')]);
  t.equal(difference(empty[0], empty[1]), 0);
  t.ok(difference(empty[0], mixed[1]) <= 1e-6);
});

t.test('passages have at most 128 tokens, and nearly as many', async (t) => {
  const encoder = await useLite();
  t.teardown(() => encoder.close());
  const vocabulary = JSON.parse(await readFile(join(modelFolder(), 'vocab.json'), 'utf8')) as VocabularyEntry[];
  const tokenizer = new UnigramTokenizer(vocabulary, RESERVED_SYMBOLS);
  const words = ['Ships', 'sail', 'over', 'the', 'ocean', 'while', 'captains', 'study', 'charts'];
  const texts = [2, 9, 40, 700].map((length) =>
    Array.from({ length: 6000 }, (_, i) => (i % length === length - 1 ? 'home. Then' : words[(i * 7) % 9])).join(' '),
  );
  for (const [i, spans] of (await encoder.passages!(texts)).entries()) {
    const tokens = spans.map(({ start, end }) => tokenizer.encode(texts[i].slice(start, end)).length);
    t.ok(Math.max(...tokens) <= WINDOW, `at most ${Math.max(...tokens)}`);
    t.ok(tokens.filter((count) => count < WINDOW * 0.6).length <= 1, `at least ${Math.min(...tokens)}`);
  }
});

t.test('a text of a megabyte is read up to the window', async (t) => {
  const encoder = await useLite();
  t.teardown(() => encoder.close());
  const words = [WINDOW, WINDOW + 50, 200_000].map((count) => text('word '.repeat(count).trim()));
  const [exact, longer, huge] = await encoder.encode(words);
  t.ok(difference(exact, longer) <= 1e-5);
  t.ok(difference(exact, huge) <= 1e-5);
  t.equal((await encoder.encode([text('漢'.repeat(500_000))])).length, 1);
});

t.test('a model cache that cannot be written does no harm', async (t) => {
  const encoder = await useLite();
  t.teardown(() => encoder.close());
  const expected = await encoder.encode([text('the same')]);
  await encoder.close();
  process.env.NEARFIELD_CACHE = join(t.testdir({ occupied: '' }), 'occupied');
  t.teardown(() => (process.env.NEARFIELD_CACHE = cache));
  t.same(await encoder.encode([text('the same')]), expected);
});

t.test('bad options are refused by name', async (t) => {
  await t.rejects(useLite({ thread: 1 } as never), { code: 'UNKNOWN_OPTION', message: /Did you mean `threads`/ });
  for (const threads of [0, 1.5, Number.NaN, '2']) {
    await t.rejects(useLite({ threads } as never), { code: 'INVALID_ARGUMENT', details: { field: 'threads' } });
  }
});

t.test('a process with a loaded model ends by itself and prints nothing on stderr', async (t) => {
  const entry = import.meta.resolve('@nearfield/encoders');
  const script = join(t.testdir(), 'script.mjs');
  await writeFile(
    script,
    `const { useLite } = await import(${JSON.stringify(entry)});
     const encoder = await useLite();
     const [embedding] = await encoder.encode([{ kind: 'text', text: 'hello' }]);
     console.log(embedding.length);`,
  );
  const env = { PATH: process.env.PATH, NEARFIELD_CACHE: cache };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { env });
  t.equal(stdout, '512\n');
  t.equal(stderr, '');
});

for (const [ending, code] of [
  ['process.exit(3)', 3],
  ['setImmediate(() => { throw new Error("uncaught") })', 1],
  ['aborting.abort(); await encoder.close().then(() => process.exit(4))', 4],
] as const) {
  t.test(`a process that ends while it encodes ends by itself: ${ending}`, async (t) => {
    const script = `
      import { useLite } from '@nearfield/encoders';
      const encoder = await useLite();
      const texts = Array.from({ length: 2000 }, (_, i) => ({ kind: 'text', text: 'word '.repeat(60) + i }));
      await encoder.encode(texts.slice(0, 1));
      const aborting = new AbortController();
      encoder.encode(texts, { signal: aborting.signal }).catch(() => undefined);
      await encoder.encode(texts.slice(0, 1), { role: 'query' });
      ${ending};
    `;
    const file = join(cache, `ending-${code}.mjs`);
    await writeFile(file, script);
    const ended = await promisify(execFile)(process.execPath, [file], { env: process.env }).catch((error) => error);
    t.equal(ended.signal, null);
    t.equal(ended.code, code);
  });
}
