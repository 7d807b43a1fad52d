import { join } from 'node:path';
import t, { type Test } from 'tap';
import { open, type EncodedVectorOptions, type Encoder, type NearInput } from '@nearfield/engine';
import { LetterEncoder, SharedEncoder, WordEncoder, registryOf } from './small-encoders.js';

const FIELDS = { title: 'text', plot: 'text', poster: 'image', trailer: 'audio' } as const;

async function films(t: Test, vector: EncodedVectorOptions, path = ':memory:', encoders: Encoder[] = []) {
  const db = await open(path, { encoders: registryOf(...encoders) });
  t.teardown(() => db.close());
  return { db, films: await db.collection('films', { fields: FIELDS, vectors: { both: vector } }) };
}

const clip = () => new SharedEncoder('any:clip', ['text', 'image']);
const rounded = (vector: unknown): number[] =>
  Array.from(vector as Float32Array, (value) => Math.round(value * 1e4) / 1e4);

const RECORDS = [
  { id: 1, title: 'a', poster: 'b' },
  { id: 2, title: 'aa', poster: 'a' },
  { id: 3, poster: 'b' },
  { id: 4, title: 'c' },
  { id: 5, title: ' ' },
];

t.test('the fields of a record are combined in one space, as far as they have a value', async (t) => {
  const encoder = clip();
  const { films: rows } = await films(t, { from: ['title', 'poster'], encoder, weights: { poster: 3 } });
  await rows.upsert(RECORDS);
  const stored = await rows.get([1, 2, 3, 4, 5], { vectors: true });
  const vectors = stored.map((record) => record?.vectors?.both);
  t.same(vectors.slice(0, 4).map(rounded), [
    [0.25, 0.75, 0, 0],
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ]);
  t.equal(vectors[4], undefined);
  t.same(encoder.calls, [['a', 'b', 'aa', 'a', 'b', 'c']], 'one call');
});

t.test('a query gives any part, or several, which are combined like those of a record', async (t) => {
  const { films: rows } = await films(t, { from: ['title', 'poster'], encoder: clip(), weights: { poster: 3 } });
  await rows.upsert(RECORDS);
  const best = async (leg: Omit<NearInput, 'vector'>) => {
    const { hits } = await rows.search({ near: { vector: 'both', ...leg }, limit: 2 });
    return hits.map(({ id, score }) => [id, Math.round(score * 1e4) / 1e4]);
  };
  const norm = Math.hypot(1, 3);
  t.same(await best({ text: 'a' }), [
    [2, 1],
    [1, Math.round((1 / norm) * 1e4) / 1e4],
  ]);
  t.same(await best({ image: Buffer.from('b') }), [
    [3, 1],
    [1, Math.round((3 / norm) * 1e4) / 1e4],
  ]);
  t.same((await best({ text: 'a', image: 'b' }))[0], [1, 1]);
  t.same((await best({ id: 1 }))[0], [1, 1]);
  t.same((await rows.search({ text: 'c' })).hits[0].id, 4, 'the shorthand finds it, too');
});

t.test('a product is that of the parts that there are, on both sides', async (t) => {
  const { films: rows } = await films(t, { from: ['title', 'poster'], encoder: clip(), combine: 'product' });
  await rows.upsert([
    { id: 1, title: 'ab', poster: 'bc' },
    { id: 2, title: 'ab' },
    { id: 3, title: 'a', poster: 'b' },
  ]);
  const [one, two, three] = (await rows.get([1, 2, 3], { vectors: true })).map((record) => record?.vectors?.both);
  t.same(rounded(one), [0, 0.5, 0, 0]);
  t.same(rounded(two), rounded([Math.SQRT1_2, Math.SQRT1_2, 0, 0]));
  t.equal(three, undefined, 'nothing in common is no vector');
  const { hits } = await rows.search({ near: { vector: 'both', text: 'ba', image: 'cb' } });
  t.equal(hits[0].id, 1);
  t.ok(Math.abs(hits[0].score - 1) < 1e-6);
});

t.test('encoders of several sizes are put one behind the other', async (t) => {
  const text = new SharedEncoder('text:a', ['text'], { dimensions: 3 });
  const image = new SharedEncoder('image:b', ['image'], { dimensions: 2 });
  const vector = { from: ['title', 'plot', 'poster'], encoder: { title: 'text:a', plot: text, poster: 'image:b' } };
  const { films: rows } = await films(t, { ...vector, combine: 'concat', weights: { plot: 2 } }, ':memory:', [
    text,
    image,
  ]);
  await rows.upsert([
    { id: 1, title: 'a', plot: 'b', poster: 'b' },
    { id: 2, plot: 'c' },
  ]);
  const stored = await rows.get([1, 2], { vectors: true });
  t.same(rounded(stored[0]?.vectors?.both), [1, 0, 0, 0, 2, 0, 0, 1]);
  t.same(rounded(stored[1]?.vectors?.both), [0, 0, 0, 0, 0, 2, 0, 0]);
  const { hits } = await rows.search({ near: { vector: 'both', text: 'c' } });
  const ofPlot = (2 * 2) / (2 * Math.hypot(1, 2));
  t.same([hits[0].id, hits[0].score.toFixed(4)], [2, ofPlot.toFixed(4)], 'a text stands for each field of text');
  t.equal((await rows.stats()).vectors.both.dimensions, 8);
});

t.test('what cannot be combined is refused before anything is created', async (t) => {
  const from = ['title', 'poster'];
  const title = new SharedEncoder('text:a', ['text']);
  const poster = (options: object) => new SharedEncoder('image:b', ['image'], options);
  const rows: [EncodedVectorOptions, object][] = [
    [{ from, encoder: { title, poster: poster({ dimensions: 5 }) } }, { message: /sizes differ.*4 dimensions.*5/ }],
    [{ from, encoder: { title, poster: poster({ metric: 'dot' }) }, combine: 'concat' }, { message: /metrics differ/ }],
    [{ from, encoder: { title: new WordEncoder(), poster: poster({}) } }, { message: /not all are dense/ }],
    [{ from: ['title', 'plot'], encoder: new WordEncoder(), combine: 'mean' }, { message: /not all are dense/ }],
    [{ from, encoder: { title, poster: poster({ dimensions: 65_533 }) }, combine: 'concat' }, { message: /too long/ }],
    [{ from, encoder: { title, poster: title } }, { message: /cannot encode field `poster`/ }],
    [{ from, encoder: title }, { message: /cannot encode field `poster`/ }],
  ];
  for (const [vector, expected] of rows) {
    const db = await open(':memory:');
    const created = db.collection('films', { fields: FIELDS, vectors: { both: vector } });
    await t.rejects(created, { code: 'INVALID_SCHEMA', ...expected });
    t.same(await db.collections(), []);
    await db.close();
  }
});

t.test('a query that the vector has no part for is refused', async (t) => {
  const text = new SharedEncoder('text:a', ['text']);
  const image = new SharedEncoder('image:b', ['image']);
  const { films: apart } = await films(t, { from: ['title', 'poster'], encoder: { title: text, poster: image } });
  const refused = { code: 'INVALID_QUERY', details: { field: 'both', expected: 'text or image', received: 'audio' } };
  await t.rejects(apart.search({ near: { vector: 'both', audio: 'a.wav' } }), refused);
  const value = Float32Array.of(1, 0, 0, 0);
  for (const leg of [{}, { value, text: 'a' }, { id: 1, image: 'a' }, { id: 1, value }]) {
    await t.rejects(apart.search({ near: { vector: 'both', ...leg } }), {
      code: 'INVALID_QUERY',
      message: /leg on `both`/,
    });
  }
  const { films: bag } = await films(t, { from: ['title'], encoder: new WordEncoder() });
  await t.rejects(bag.search({ near: { vector: 'both', text: 'a', image: 'b' } }), {
    code: 'INVALID_QUERY',
    message: /sparse/,
  });
});

t.test('a vector of one field takes several inputs of a shared space as their mean', async (t) => {
  const { films: rows } = await films(t, { from: ['poster'], encoder: clip() });
  await rows.upsert([
    { id: 1, poster: 'ab' },
    { id: 2, poster: 'a' },
  ]);
  const { hits } = await rows.search({ near: { vector: 'both', image: 'a', text: 'b' } });
  t.equal(hits[0].id, 1);
  t.ok(Math.abs(hits[0].score - 1) < 1e-6);
});

t.test('a part that says nothing counts as missing, in a record and in a query', async (t) => {
  const { films: rows } = await films(t, { from: ['title', 'poster'], encoder: clip() });
  await rows.upsert({ id: 1, title: 'xyz', poster: 'b' });
  t.same(rounded((await rows.get(1, { vectors: true }))?.vectors?.both), [0, 1, 0, 0]);
  const { hits } = await rows.search({ near: { vector: 'both', text: 'xyz', image: 'b' } });
  t.equal(hits[0].score, 1);
  t.same((await rows.search({ near: { vector: 'both', text: 'xyz' } })).hits, []);
});

t.test('any other encoder in the place of one of several is a mismatch', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const vector = { from: ['title', 'poster'], encoder: { title: 'text:a', poster: 'image:b' } };
  const text = new SharedEncoder('text:a', ['text']);
  const image = new SharedEncoder('image:b', ['image']);
  const first = await films(t, vector, path, [text, image]);
  await first.films.upsert({ id: 1, title: 'a', poster: 'b' });
  t.match((await first.films.stats()).vectors.both.encoder, {
    name: 'text:a + image:b',
    options: { title: { name: 'text:a' }, poster: { name: 'image:b' } },
  });
  await first.db.close();
  const changed = new SharedEncoder('image:b', ['image'], { version: '2' });
  const db = await open(path, { encoders: registryOf(text, changed) });
  await t.rejects(db.collection('films'), { code: 'ENCODER_MISMATCH', details: { field: 'both' } });
  await db.close();
  const again = await films(t, vector, path, [text, image]);
  t.equal((await again.films.search({ near: { vector: 'both', image: 'b' } })).hits.length, 1);
  const other = { fields: FIELDS, vectors: { both: { ...vector, combine: 'product' } } } as const;
  await t.rejects(again.db.collection('films', other), { code: 'SCHEMA_MISMATCH', message: /combine stored "mean"/ });
});

t.test('an update of one part combines it with the others', async (t) => {
  const encoder = clip();
  const { films: rows } = await films(t, { from: ['title', 'poster'], encoder });
  await rows.upsert({ id: 1, title: 'a', poster: 'b' });
  await rows.update(1, { title: 'c' });
  t.same(rounded((await rows.get(1, { vectors: true }))?.vectors?.both), [0, 0.5, 0.5, 0]);
  await rows.update(1, { poster: null });
  t.same(rounded((await rows.get(1, { vectors: true }))?.vectors?.both), [0, 0, 1, 0]);
});

t.test('the trust in several encoders is the mean of what they declare', async (t) => {
  const { films: rows } = await films(t, {
    from: ['title', 'plot'],
    encoder: { title: new LetterEncoder(0.2), plot: new LetterEncoder(0.6) },
  });
  const near = { vector: 'both', text: 'a' } as const;
  const { legs } = await rows.explain({ near: [near, near] });
  t.same(
    legs.map(({ weight }) => weight),
    [0.4, 0.4],
  );
});
