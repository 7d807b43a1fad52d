import t, { type Test } from 'tap';
import { open, type Collection } from '@nearfield/engine';
import { LetterEncoder, WordEncoder } from '../small-encoders.js';

const SCHEMA = {
  fields: {
    title: 'text',
    poster: 'image',
    clip: 'audio',
    year: 'integer',
    rating: 'float',
    seen: 'boolean',
    studio: 'keyword',
    genres: 'keyword[]',
    released: 'datetime',
    place: 'geo',
    extra: 'json',
    must: { type: 'keyword', required: true },
  },
  vectors: {
    mine: { dimensions: 3 },
    raw: { dimensions: 3, metric: 'dot' },
    words: { from: ['title'], encoder: new WordEncoder() },
    letters: { from: ['title'], encoder: new LetterEncoder() },
  },
} as const;

class Instance {
  readonly a = 1;
}

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

const ONES = Float32Array.of(1, 1, 1);
const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const protoKey: unknown = JSON.parse('{"__proto__": {"polluted": true}}');

/** What is wrong, the rest of the record, the code and the field that the error must name. */
const BAD: readonly [what: string, record: object, code: string, field: string | undefined][] = [
  ['a vector with NaN', { vectors: { mine: Float32Array.of(1, NaN, 2) } }, 'INVALID_VECTOR', 'mine'],
  ['a vector with Infinity', { vectors: { mine: Float32Array.of(1, 2, -Infinity) } }, 'INVALID_VECTOR', 'mine'],
  ['a vector with too large a component', { vectors: { raw: Float32Array.of(1e17, 0, 0) } }, 'INVALID_VECTOR', 'raw'],
  ['a vector of the wrong dimension', { vectors: { mine: new Float32Array(4).fill(1) } }, 'DIMENSION_MISMATCH', 'mine'],
  ['an empty vector', { vectors: { raw: new Float32Array() } }, 'DIMENSION_MISMATCH', 'raw'],
  ['a zero vector under cosine', { vectors: { mine: new Float32Array(3) } }, 'ZERO_VECTOR', 'mine'],
  ['an array for a vector', { vectors: { mine: [1, 2, 3] } }, 'INVALID_VECTOR', 'mine'],
  ['no vectors in a list', { vectors: { mine: [] } }, 'INVALID_VECTOR', 'mine'],
  ['undefined in a list of vectors', { vectors: { mine: Array.from({ length: 2 }) } }, 'INVALID_VECTOR', 'mine'],
  [
    'more vectors than a record may have',
    { vectors: { mine: Array.from({ length: 4097 }, () => ONES) } },
    'INVALID_VECTOR',
    'mine',
  ],
  ['arrays for vectors in a list', { vectors: { mine: [[1, 2, 3]] } }, 'INVALID_VECTOR', 'mine'],
  ['null in a list of vectors', { vectors: { mine: [ONES, null] } }, 'INVALID_VECTOR', 'mine'],
  ['NaN in a list of vectors', { vectors: { raw: [ONES, Float32Array.of(1, NaN, 2)] } }, 'INVALID_VECTOR', 'raw'],
  ['a zero vector in a list under cosine', { vectors: { mine: [ONES, new Float32Array(3)] } }, 'ZERO_VECTOR', 'mine'],
  ['two dimensions in a list', { vectors: { mine: [ONES, new Float32Array(2)] } }, 'DIMENSION_MISMATCH', 'mine'],
  ['a Float64Array for a vector', { vectors: { mine: Float64Array.of(1, 2, 3) } }, 'INVALID_VECTOR', 'mine'],
  ['a vector that the schema does not name', { vectors: { mien: Float32Array.of(1, 2, 3) } }, 'UNKNOWN_VECTOR', 'mien'],
  ['a vector that an encoder makes', { vectors: { letters: new Float32Array(26) } }, 'UNKNOWN_VECTOR', 'letters'],
  ['vectors that are no object', { vectors: [Float32Array.of(1, 2, 3)] }, 'INVALID_VECTOR', 'vectors'],
  ['a number for a text', { title: 5 }, 'INVALID_FIELD', 'title'],
  ['a lone surrogate in a text', { title: 'a\ud800' }, 'INVALID_TEXT', 'title'],
  ['a lone surrogate in a keyword', { studio: '\udc00' }, 'INVALID_TEXT', 'studio'],
  ['a lone surrogate in a list', { genres: ['a', '\ud83c'] }, 'INVALID_TEXT', 'genres'],
  ['a lone surrogate in JSON', { extra: { a: ['\ud800'] } }, 'INVALID_TEXT', 'extra'],
  ['a lone surrogate in a key', { extra: { '\ud800': 1 } }, 'INVALID_TEXT', 'extra'],
  ['a text of more than 16 MiB', { title: 'a'.repeat(16 * 1024 * 1024 + 1) }, 'TEXT_TOO_LONG', 'title'],
  ['a fraction for an integer', { year: 1.5 }, 'INVALID_FIELD', 'year'],
  ['an unsafe integer', { year: 2 ** 53 }, 'INVALID_FIELD', 'year'],
  ['a bigint for an integer', { year: 5n }, 'INVALID_FIELD', 'year'],
  ['a string for an integer', { year: '1994' }, 'INVALID_FIELD', 'year'],
  ['NaN for a float', { rating: NaN }, 'INVALID_FIELD', 'rating'],
  ['Infinity for a float', { rating: Infinity }, 'INVALID_FIELD', 'rating'],
  ['a number for a boolean', { seen: 1 }, 'INVALID_FIELD', 'seen'],
  ['a String object for a keyword', { studio: new String('Fox') }, 'INVALID_FIELD', 'studio'],
  ['a string for a list', { genres: 'drama' }, 'INVALID_FIELD', 'genres'],
  ['a list with a number', { genres: ['drama', 5] }, 'INVALID_FIELD', 'genres'],
  ['a list with a hole', { genres: Array<string>(2) }, 'INVALID_FIELD', 'genres'],
  ['an invalid Date', { released: new Date(NaN) }, 'INVALID_FIELD', 'released'],
  ['a number for a datetime', { released: 0 }, 'INVALID_FIELD', 'released'],
  ['a day that does not exist', { released: '2021-02-29' }, 'INVALID_FIELD', 'released'],
  ['a place north of the pole', { place: [0, 90.1] }, 'INVALID_FIELD', 'place'],
  ['a place with NaN', { place: [NaN, 0] }, 'INVALID_FIELD', 'place'],
  ['a place of three numbers', { place: [0, 0, 0] }, 'INVALID_FIELD', 'place'],
  ['an empty path', { poster: '' }, 'INVALID_FIELD', 'poster'],
  ['a URL of the web', { poster: new URL('https://example.org/a.png') }, 'INVALID_FIELD', 'poster'],
  ['a file URL of another host', { poster: new URL('file://host/a.png') }, 'INVALID_FIELD', 'poster'],
  ['a file URL with a slash in a name', { clip: 'file:///a%2Fb.wav' }, 'INVALID_FIELD', 'clip'],
  ['a path with a NUL', { clip: 'a\0.wav' }, 'INVALID_FIELD', 'clip'],
  ['no bytes', { poster: new Uint8Array() }, 'INVALID_FIELD', 'poster'],
  ['a Map', { extra: new Map([['a', 1]]) }, 'INVALID_FIELD', 'extra'],
  ['an instance of a class', { extra: { a: new Instance() } }, 'INVALID_FIELD', 'extra'],
  ['a Date in JSON', { extra: [new Date()] }, 'INVALID_FIELD', 'extra'],
  ['a function in JSON', { extra: { f: () => 1 } }, 'INVALID_FIELD', 'extra'],
  ['a symbol in JSON', { extra: [Symbol('s')] }, 'INVALID_FIELD', 'extra'],
  ['a bigint in JSON', { extra: 1n }, 'INVALID_FIELD', 'extra'],
  ['NaN in JSON', { extra: { a: NaN } }, 'INVALID_FIELD', 'extra'],
  ['undefined in a JSON array', { extra: [undefined] }, 'INVALID_FIELD', 'extra'],
  ['JSON of 65 levels', { extra: nested(65) }, 'INVALID_FIELD', 'extra'],
  ['JSON that contains itself', { extra: cyclic }, 'INVALID_FIELD', 'extra'],
  ['a key __proto__ in JSON', { extra: { inner: protoKey } }, 'INVALID_FIELD', 'extra'],
  ['an undeclared key __proto__', protoKey as object, 'INVALID_FIELD', '__proto__'],
  ['an undeclared key with a dot', { 'a.b': 1 }, 'INVALID_FIELD', 'a.b'],
  ['an undeclared value that is no JSON', { loose: new Set([1]) }, 'INVALID_FIELD', 'loose'],
  ['a required field that is missing', { must: undefined }, 'MISSING_FIELD', 'must'],
  ['a required field that is null', { must: null }, 'MISSING_FIELD', 'must'],
];

const BAD_IDS: readonly unknown[] = [
  undefined,
  null,
  '',
  -1,
  -0,
  1.5,
  NaN,
  Infinity,
  2 ** 53,
  5n,
  true,
  {},
  [],
  new Date(0),
  Symbol('id'),
  'a\ud800',
  'a\0b',
  'x'.repeat(513),
];

type Films = Collection<typeof SCHEMA>;
type Input = Parameters<Films['upsert']>[0];

async function twoFilms(t: Test): Promise<{ films: Films; changes: () => Promise<unknown> }> {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const films = await db.collection('films', SCHEMA);
  await films.upsert([
    { id: 1, must: 'a', title: 'one two', vectors: { mine: Float32Array.of(1, 2, 3) } },
    { id: 2, must: 'b', title: 'two three', vectors: { mine: Float32Array.of(3, 2, 1) } },
  ]);
  const changes = async () => ({
    changes: db.sql.prepare('SELECT total_changes()').pluck().get(),
    count: await films.count(),
    hits: (await films.search({ text: 'two', vectors: true })).hits,
  });
  return { films, changes };
}

t.test('bad input is refused by code, record and field, and its whole batch with it', async (t) => {
  const { films, changes } = await twoFilms(t);
  const before = await changes();
  for (const [what, rest, code, field] of BAD) {
    const record = Object.defineProperties({ id: 'bad', must: 'x' }, Object.getOwnPropertyDescriptors(rest));
    const batch = [{ id: 'good', must: 'x', title: 'two' }, record] as Input;
    const expected = { code, details: { record: 'bad', field } };
    await t.rejects(films.upsert(batch), expected, `upsert of ${what}`);
    await t.rejects(films.add(batch), expected, `add of ${what}`);
  }
  for (const { update, code } of [
    { update: { title: 5 }, code: 'INVALID_FIELD' },
    { update: { must: null }, code: 'MISSING_FIELD' },
    { update: { vectors: { mine: new Float32Array(3) } }, code: 'ZERO_VECTOR' },
    { update: { id: 3 }, code: 'INVALID_ID' },
  ]) {
    await t.rejects(films.update(1, update as object), { code, details: { record: 1 } }, `update with ${code}`);
  }
  t.strictSame(await changes(), before, 'nothing has changed');
});

t.test('what is no id is refused everywhere, with its place in the batch', async (t) => {
  const { films, changes } = await twoFilms(t);
  const before = await changes();
  for (const id of BAD_IDS) {
    const what =
      typeof id === 'symbol' ? 'a symbol' : Object.is(id, -0) ? '-0' : `${typeof id} ${String(id).slice(0, 9)}`;
    const batch = [
      { id: 'good', must: 'x' },
      { id, must: 'x' },
    ] as Input;
    await t.rejects(films.upsert(batch), { code: 'INVALID_ID', details: { record: 1, field: 'id' } }, `upsert ${what}`);
    await t.rejects(films.get([1, id as string]), { code: 'INVALID_ID', details: { record: 1 } }, `get ${what}`);
    await t.rejects(films.delete([1, id as string]), { code: 'INVALID_ID', details: { record: 1 } }, `delete ${what}`);
    if (id !== undefined) await t.rejects(films.update(id as string, {}), { code: 'INVALID_ID' }, `update ${what}`);
    await t.rejects(films.search({ near: { vector: 'mine', id: id as string } }), { code: /INVALID_/ }, `near ${what}`);
  }
  t.strictSame(await changes(), before, 'nothing has changed');
});

t.test('what is no record is refused with its place', async (t) => {
  const { films } = await twoFilms(t);
  for (const record of [null, undefined, 5, 'a', [], new Map(), new Instance(), () => 1]) {
    const batch = [{ id: 'good', must: 'x' }, record] as Input;
    await t.rejects(films.upsert(batch), { code: 'INVALID_RECORD', details: { record: 1 } });
  }
  await t.rejects(films.upsert(5 as unknown as Input), { code: 'INVALID_RECORD', details: { record: 0 } });
  const stream = async function* () {
    for (let id = 0; id < 300; id++) yield { id, must: 'x' };
    yield { id: -1, must: 'x' };
  };
  await t.rejects(films.upsert(stream()), { code: 'INVALID_ID', details: { record: 300 } }, 'its place in the stream');
});

t.test('a strict schema refuses keys that it does not name, with the nearest that it does', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const films = await db.collection('films', { fields: { title: 'text' }, strict: true });
  const misspelled = [{ id: 1, titel: 'a' }] as unknown as Parameters<typeof films.upsert>[0];
  await t.rejects(films.upsert(misspelled), { code: 'UNKNOWN_FIELD', message: /`title`/, details: { field: 'titel' } });
  t.equal(await films.count(), 0);
});

t.test('unknown options and names come with the nearest known one', async (t) => {
  const { films } = await twoFilms(t);
  const wrong = (value: object) => value as never;
  const near = { vector: 'mine', value: Float32Array.of(1, 2, 3) };
  const cases: [Promise<unknown>, string, RegExp][] = [
    [films.upsert([], wrong({ onProgres: 1 })), 'UNKNOWN_OPTION', /`onProgress`/],
    [films.search(wrong({ near, limt: 5 })), 'UNKNOWN_OPTION', /`limit`/],
    [films.search(wrong({ near: { ...near, wieght: 5 } })), 'UNKNOWN_OPTION', /`weight`/],
    [films.search(wrong({ near: { ...near, vector: 'mein' } })), 'UNKNOWN_VECTOR', /`mine`/],
    [films.search(wrong({ near, fuse: 'relativ' })), 'UNKNOWN_OPTION', /`relative`/],
    [films.search(wrong({ near, fuse: { rrf: { kk: 1 } } })), 'UNKNOWN_OPTION', /`k`/],
    [films.search(wrong({ near, filter: { year: { $gtt: 5 } } })), 'UNKNOWN_OPERATOR', /`\$gt/],
    [films.upsert([], wrong({ onProgress: 1 })), 'INVALID_ARGUMENT', /a function/],
    [films.get(1, wrong({ vectors: 'x' })), 'INVALID_ARGUMENT', /true or false/],
    [films.delete(wrong({ filtr: {} })), 'UNKNOWN_OPTION', /`filter`/],
    [films.scan(wrong({ orderby: 'year' })).next(), 'UNKNOWN_OPTION', /`orderBy`/],
    [films.scan(wrong({ orderBy: 'yaer' })).next(), 'INVALID_ARGUMENT', /`year`/],
    [open(':memory:', wrong({ readonly: true })), 'UNKNOWN_OPTION', /`readOnly`/],
    [open(':memory:', wrong({ durability: 'fulll' })), 'INVALID_ARGUMENT', /`full`/],
  ];
  for (const [call, code, message] of cases) await t.rejects(call, { code, message });
});

t.test('an error in one vector of several names the part', async (t) => {
  const { films } = await twoFilms(t);
  const good = Float32Array.of(1, 2, 3);
  const mine = [good, good, good, Float32Array.of(1, 2)];
  await t.rejects(films.upsert({ id: 'x', must: 'a', vectors: { mine } }), {
    code: 'DIMENSION_MISMATCH',
    message: /^Part 3 of vector `mine` of record "x" has the wrong number of dimensions; expected 3; received 2\./,
    details: { record: 'x', field: 'mine', part: 3 },
  });
  await t.rejects(films.upsert({ id: 'x', must: 'a', vectors: { mine: [1, 2, 3] as never } }), {
    message: /Wrap it: Float32Array\.from\(array\)/,
  });
  await t.rejects(films.upsert({ id: 'x', must: 'a', vectors: { mine: [] } }), { message: /Leave the vector out/ });
});

t.test('queries that mean nothing are refused', async (t) => {
  const { films } = await twoFilms(t);
  const value = Float32Array.of(1, 2, 3);
  const near = { vector: 'mine', value };
  const refused: [object, string][] = [
    [{}, 'INVALID_QUERY'],
    [{ near: [] }, 'INVALID_QUERY'],
    [{ text: '' }, 'INVALID_QUERY'],
    [{ text: ' \n' }, 'INVALID_QUERY'],
    [{ text: 'a\ud800' }, 'INVALID_TEXT'],
    [{ text: 5 }, 'INVALID_QUERY'],
    [{ text: 'a'.repeat(1024 * 1024 + 1) }, 'TEXT_TOO_LONG'],
    [{ near: { vector: 'mine' } }, 'INVALID_QUERY'],
    [{ near: { vector: 'mine', value, id: 1 } }, 'INVALID_QUERY'],
    [{ near: { vector: 'mine', text: 'a' } }, 'INVALID_QUERY'],
    [{ near: { vector: 'words', value } }, 'INVALID_QUERY'],
    [{ near: { vector: 'mine', value: new Float32Array(3) } }, 'ZERO_VECTOR'],
    [{ near: { vector: 'mine', value: Float32Array.of(1, NaN, 1) } }, 'INVALID_VECTOR'],
    [{ near: { vector: 'mine', value: [1, 2, 3] } }, 'INVALID_VECTOR'],
    [{ near: { vector: 'mine', value: new Float32Array(2) } }, 'DIMENSION_MISMATCH'],
    [{ near: { vector: 'mine', id: 'nobody' } }, 'RECORD_NOT_FOUND'],
    [{ near: { vector: 'raw', id: 1 } }, 'INVALID_QUERY'],
    ...[0, -1, 1.5, NaN, 100_001, '5', null].map((limit): [object, string] => [{ near, limit }, 'INVALID_QUERY']),
    ...[-1, 0.5, NaN].map((offset): [object, string] => [{ near, offset }, 'INVALID_QUERY']),
    ...[NaN, '1'].map((minScore): [object, string] => [{ near, minScore }, 'INVALID_QUERY']),
    ...[-0.1, 1.1].map((minRecall): [object, string] => [{ near, minRecall }, 'INVALID_QUERY']),
    ...[-1, NaN].map((weight): [object, string] => [{ near: { ...near, weight } }, 'INVALID_QUERY']),
    [{ near, exact: 1 }, 'INVALID_QUERY'],
    [{ near, vectors: 'yes' }, 'INVALID_QUERY'],
    [{ near, select: 'title' }, 'INVALID_QUERY'],
    [{ near, select: [5] }, 'INVALID_QUERY'],
    [{ near, fuse: { rrf: {}, relative: {} } }, 'INVALID_QUERY'],
    [{ near, fuse: { rrf: { k: 0 } } }, 'INVALID_QUERY'],
    [{ near, filter: { year: { $within: 5 } } }, 'INVALID_FILTER'],
    [{ near, signal: {} }, 'INVALID_ARGUMENT'],
  ];
  for (const [query, code] of refused) {
    const what = JSON.stringify(query).slice(0, 100);
    await t.rejects(films.search(query as never), { code }, `search ${what}`);
    if (!('signal' in query) && code !== 'RECORD_NOT_FOUND' && !('raw' === Object(query).near?.vector)) {
      await t.rejects(films.explain(query as never), { code }, `explain ${what}`);
    }
  }
  await t.rejects(films.search(null as never), { code: 'INVALID_QUERY' });
  await t.rejects(films.searchBatch({} as never), { code: 'INVALID_QUERY' });
});

t.test('extreme input that means something is stored', async (t) => {
  const { films } = await twoFilms(t);
  const long = 'word '.repeat(200_000) + 'needle';
  await films.upsert([
    { id: 'empty', must: '', title: '', genres: [], extra: {} },
    { id: 'blank', must: 'x', title: ' \n\t' },
    { id: 'long', must: 'x', title: long },
    { id: 'deep', must: 'x', extra: nested(64) as never },
    { id: 'x'.repeat(512), must: 'x' },
    { id: Number.MAX_SAFE_INTEGER, must: 'x', vectors: { raw: new Float32Array(3) } },
    { id: 0, must: '\uFEFF', rating: 5e-324, year: -0, extra: null, title: null },
  ]);
  t.same(await films.get('empty'), { id: 'empty', must: '', title: '', genres: [], extra: {} });
  t.equal((await films.get('long'))?.title, long);
  t.same((await films.get('deep'))?.extra, nested(64));
  t.strictSame(await films.get(0), { id: 0, must: '\uFEFF', rating: 5e-324, year: 0 });
  t.same((await films.get(Number.MAX_SAFE_INTEGER, { vectors: true }))?.vectors, { raw: new Float32Array(3) });
  const { hits } = await films.search({ near: { vector: 'words', text: 'needle' } });
  t.same(
    hits.map(({ id }) => id),
    ['long'],
  );
  const { vectors } = await films.stats();
  t.equal(vectors.words.count, 3, 'a text without words has no vector');
  t.equal(vectors.letters.count, 3);
});

t.test('of records with one id in a batch the last wins', async (t) => {
  const { films } = await twoFilms(t);
  const { count } = await films.upsert([
    { id: 'a', must: 'first', title: 'alpha' },
    { id: 'b', must: 'x' },
    { id: 'a', must: 'last', title: 'omega' },
  ]);
  t.equal(count, 2);
  t.same(await films.get('a'), { id: 'a', must: 'last', title: 'omega' });
  t.same((await films.search({ near: { vector: 'words', text: 'alpha' } })).hits, []);
});
