import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { open } from '@nearfield/engine';
import { seededRandom } from '../filter/random-filter.js';
import { LetterEncoder, WordEncoder, registryOf } from '../small-encoders.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 21);

const FIELDS = {
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
} as const;

const schema = () =>
  ({
    fields: FIELDS,
    vectors: {
      mine: { dimensions: 3, metric: 'euclidean' },
      words: { from: ['title'], encoder: 'bow:words' },
      letters: { from: ['title', 'studio'], encoder: 'text:letters' },
    },
  }) as const;

const encoders = () => registryOf(new WordEncoder(), new LetterEncoder());

const RECORDS = [
  {
    id: 1,
    title: 'die Brücke 橋 🌉 \uFEFF\0',
    poster: Uint8Array.of(0, 255, 128),
    clip: '/a.wav',
    year: Number.MIN_SAFE_INTEGER,
    rating: Number.MIN_VALUE,
    seen: false,
    studio: '',
    genres: ['', 'drama', 'drama'],
    released: new Date(-1),
    place: [-180, 90] as const,
    extra: { deep: [null, { a: 1.5, '': [] }], toString: 'own' },
    loose: 'kept',
  },
  { id: '1', title: 'a string id', released: new Date(8.64e15), vectors: { mine: Float32Array.of(1e-40, -0.1, 1e16) } },
  { id: 2 ** 31 + 5, released: new Date(-8.64e15) },
  { id: Number.MAX_SAFE_INTEGER, year: Number.MAX_SAFE_INTEGER, released: new Date('1969-12-31T23:59:59.999Z') },
  { id: 0, extra: false },
];

t.test('everything survives close and reopening', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const first = await open(path, { encoders: encoders() });
  const films = await first.collection('films', schema());
  await films.upsert(RECORDS);
  await films.delete(0);
  await films.upsert({ id: 0, extra: [1] });
  const queries = [
    { text: 'string' },
    { near: { vector: 'mine', value: Float32Array.of(0, 0, 0) }, vectors: true },
    { near: { vector: 'letters', id: 1 }, filter: { released: { $lt: new Date(0) } } },
  ] as const;
  const read = async (collection: typeof films) => ({
    records: await collection.get([1, '1', 2 ** 31 + 5, Number.MAX_SAFE_INTEGER, 0, 2], { vectors: true }),
    hits: (await collection.searchBatch(queries)).map(({ hits }) => hits),
    old: await collection.count({ released: { $lt: '1970-01-01' } }),
  });
  const before = await read(films);
  await first.close();
  const second = await open(path, { encoders: encoders() });
  t.teardown(() => second.close());
  const again = await second.collection('films', schema());
  t.strictSame(await read(again), before);
  const { vectors: _, ...one } = before.records[0]!;
  t.same(one, RECORDS[0]);
  t.equal(before.records[1]?.title, 'a string id');
  t.same(before.records[1]?.vectors?.mine, RECORDS[1].vectors?.mine);
  t.equal(before.records[5], undefined);
  t.equal(before.old, 3);
  const { title, released } = (await again.get(1))!;
  t.equal(title, RECORDS[0].title);
  t.equal(released?.getTime(), -1);
});

t.test('a different schema or encoder is refused, with the differences', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await open(path, { encoders: encoders() });
  const films = await db.collection('films', schema());
  await films.upsert(RECORDS);
  const other = { ...schema(), fields: { ...FIELDS, year: 'float' } } as const;
  await t.rejects(db.collection('films', other), {
    code: 'SCHEMA_MISMATCH',
    details: { differences: ['field year: type stored "integer", given "float"'] },
  });
  await t.rejects(db.collection('film'), { code: 'COLLECTION_NOT_FOUND', message: /`films`/ });
  await db.close();
  const newer = await open(path, { encoders: registryOf(new WordEncoder(), new LetterEncoder(1, '2')) });
  await t.rejects(newer.collection('films'), { code: 'ENCODER_MISMATCH', details: { field: 'letters' } });
  await t.rejects(newer.collection('films', schema()), { code: 'ENCODER_MISMATCH' });
  await newer.close();
  const without = await open(path, { encoders: registryOf() });
  const readable = await without.collection('films');
  t.equal(await readable.count(), 5, 'what needs no encoder works without it');
  await t.rejects(readable.upsert({ id: 9, title: 'a' }), { code: 'UNKNOWN_ENCODER' });
  t.equal(await readable.count(), 5);
  await without.close();
});

t.test('an encoder that a later opener brings is used', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const withEncoder = {
    fields: { title: 'text' },
    vectors: { words: { from: ['title'], encoder: new WordEncoder() } },
  } as const;
  const first = await open(path);
  await first.collection('films', withEncoder);
  await first.close();
  const db = await open(path, { encoders: registryOf() });
  t.teardown(() => db.close());
  const bare = await db.collection('films');
  await t.rejects(bare.upsert({ id: 1, title: 'a' }), { code: 'UNKNOWN_ENCODER' });
  const films = await db.collection('films', withEncoder);
  await films.upsert({ id: 1, title: 'a' });
  t.equal((await films.search({ text: 'a' })).hits.length, 1);
});

t.test('what is no Nearfield database is refused and left alone', async (t) => {
  const folder = t.testdir({ 'text.nf': 'x'.repeat(5000), 'empty.nf': '' });
  const appFile = join(folder, 'app.db');
  const app = new Sqlite(appFile);
  app.exec('CREATE TABLE mine (a)');
  app.close();
  const newerFile = join(folder, 'newer.nf');
  await (await open(newerFile)).close();
  const newer = new Sqlite(newerFile);
  newer.pragma('user_version = 999');
  newer.close();
  const before = readFileSync(appFile);
  const cases: [string, object | undefined, string][] = [
    ['text.nf', {}, 'NOT_A_DATABASE'],
    ['text.nf', { readOnly: true }, 'NOT_A_DATABASE'],
    ['app.db', {}, 'NOT_A_DATABASE'],
    ['newer.nf', {}, 'VERSION_UNSUPPORTED'],
    ['newer.nf', { readOnly: true }, 'VERSION_UNSUPPORTED'],
    ['none.nf', { readOnly: true }, 'DATABASE_NOT_FOUND'],
    ['none/none.nf', {}, 'DATABASE_NOT_FOUND'],
    ['.', {}, 'STORAGE_FAILED'],
    ['x'.repeat(252), {}, 'STORAGE_FAILED'],
  ];
  for (const [name, options, code] of cases) {
    await t.rejects(open(join(folder, name), options), { code }, `${name.slice(0, 20)} ${JSON.stringify(options)}`);
  }
  t.same(readFileSync(appFile), before, 'the file of another app is as it was');
  await t.rejects(open(':memory:', { readOnly: true }), { code: 'DATABASE_NOT_FOUND' });
  for (const path of ['', 'a\0b', 5, null]) await t.rejects(open(path as string), { code: 'INVALID_ARGUMENT' });
  const empty = await open(join(folder, 'empty.nf'));
  t.same(await empty.collections(), [], 'an empty file becomes a database');
  await empty.close();
});

t.test(`a damaged file gives an error with a code or its records, and no crash (NEARFIELD_SEED=${SEED})`, async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'a.nf');
  const db = await open(path, { encoders: encoders() });
  const films = await db.collection('films', schema());
  await films.upsert(Array.from({ length: 200 }, (_, id) => ({ id, title: `word${id} x`, loose: { a: [id] } })));
  await db.close();
  const whole = readFileSync(path);
  const random = seededRandom(SEED);
  const codes = new Map<string, number>();
  for (let round = 0; round < 120; round++) {
    const damaged = join(folder, `${round}.nf`);
    const bytes = round % 3 === 0 ? whole.subarray(0, Math.floor(random() * whole.length)) : Buffer.from(whole);
    if (round % 3 !== 0)
      for (let i = 0; i < 30; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    writeFileSync(damaged, bytes);
    const outcome = await outcomeOf(damaged);
    codes.set(outcome, (codes.get(outcome) ?? 0) + 1);
  }
  const expected = ['read', 'CORRUPT', 'NOT_A_DATABASE', 'ENCODER_MISMATCH', 'SCHEMA_MISMATCH', 'VERSION_UNSUPPORTED'];
  t.same(
    [...codes.keys()].filter((code) => !expected.includes(code)),
    [],
  );
  t.ok((codes.get('CORRUPT') ?? 0) > 60, 'most damage is noticed', { codes });
});

/** Uses a damaged file in every way: 'read', or the code of what went wrong. */
async function outcomeOf(path: string): Promise<string> {
  let db: Awaited<ReturnType<typeof open>> | undefined;
  try {
    db = await open(path, { encoders: encoders() });
    const films = await db.collection('films', schema());
    await films.search({ text: 'x' });
    for await (const _ of films.scan()) await films.count({ year: 5 });
    await films.upsert({ id: 1, title: 'new' });
    return 'read';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await db?.close();
  }
}
