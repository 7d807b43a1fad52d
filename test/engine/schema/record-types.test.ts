import t from 'tap';
import { open } from '@nearfield/engine';
import type { RecordInput, StoredRecord } from '@nearfield/engine';
import { WordEncoder } from '../small-encoders.js';

const SCHEMA = {
  fields: {
    title: 'text',
    poster: 'image',
    year: 'integer',
    genres: 'keyword[]',
    released: 'datetime',
    place: 'geo',
    extra: 'json',
    studio: { type: 'keyword', required: true },
  },
  vectors: { mine: { dimensions: 2 }, words: { from: ['title'], encoder: new WordEncoder() } },
} as const;

type Film = RecordInput<typeof SCHEMA>;
type Stored = StoredRecord<typeof SCHEMA>;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
const holds = <Fact extends true>(fact: Fact): boolean => fact;

// The compiler is the first half of this test: `npm run typecheck` fails when a line marked @ts-expect-error compiles.
t.test('a record typed by its schema takes what the schema says', async (t) => {
  const films: Film[] = [
    { id: 1, studio: 'Fox' },
    { id: 'a', studio: 'Fox', title: null, year: 1994, genres: ['drama'], released: '1994-01-01', place: [0, 0] },
    { id: 2, studio: 'Fox', released: new Date(0), extra: { a: [1, null] }, poster: new URL('file:///a.png') },
    { id: 3, studio: 'Fox', poster: Uint8Array.of(1), vectors: { mine: Float32Array.of(1, 2) } },
    { id: 4, studio: 'Fox', vectors: { mine: [Float32Array.of(1, 2), Float32Array.of(3, 4)] as const } },
  ];
  const db = await open(':memory:');
  const collection = await db.collection('films', SCHEMA);
  t.same(await collection.upsert(films), { count: 5 });
  const stored = await collection.get(2);
  t.ok(stored?.released instanceof Date);
  const mine = (await collection.get(4, { vectors: true }))?.vectors?.mine;
  // A list or one: the type makes the reader ask.
  const [first] = Array.isArray(mine) ? mine : [mine];
  t.same(first, Float32Array.of(1, 2));
  await db.close();
});

t.test('a record typed by its schema refuses the rest', async (t) => {
  const refused: Film[] = [
    // @ts-expect-error a misspelled field
    { id: 1, studio: 'Fox', titel: 'a' },
    // @ts-expect-error a string for a number
    { id: 1, studio: 'Fox', year: '1994' },
    // @ts-expect-error a required field is missing
    { id: 1, title: 'a' },
    // @ts-expect-error a required field is null
    { id: 1, studio: null },
    // @ts-expect-error an id of the wrong kind
    { id: true, studio: 'Fox' },
    // @ts-expect-error no id
    { studio: 'Fox' },
    // @ts-expect-error a vector that the schema does not name
    { id: 1, studio: 'Fox', vectors: { other: Float32Array.of(1, 2) } },
    // @ts-expect-error a vector that its encoder makes
    { id: 1, studio: 'Fox', vectors: { words: Float32Array.of(1, 2) } },
    // @ts-expect-error an array for a vector
    { id: 1, studio: 'Fox', vectors: { mine: [1, 2] } },
    // @ts-expect-error a list of arrays for vectors
    { id: 1, studio: 'Fox', vectors: { mine: [[1, 2]] } },
    // @ts-expect-error a point of three numbers
    { id: 1, studio: 'Fox', place: [0, 0, 0] },
    // @ts-expect-error a Map is not JSON
    { id: 1, studio: 'Fox', extra: new Map<string, string>() },
  ];
  t.equal(refused.length, 12);
});

t.test('what comes back is typed as it is stored', async (t) => {
  t.ok(holds<Equal<Stored['released'], Date | undefined>>(true));
  t.ok(holds<Equal<Stored['studio'], string>>(true));
  t.ok(holds<Equal<Stored['genres'], string[] | undefined>>(true));
  t.ok(holds<Equal<Stored['poster'], string | Uint8Array | undefined>>(true));
  t.ok(holds<Equal<NonNullable<Stored['vectors']>['mine'], Float32Array | Float32Array[] | undefined>>(true));
  t.ok(holds<Equal<NonNullable<Stored['vectors']>['words'], Float32Array | Float32Array[] | undefined>>(true));
});

t.test('queries are typed by the schema', async (t) => {
  const db = await open(':memory:');
  const films = await db.collection('films', SCHEMA);
  const value = Float32Array.of(1, 2);
  const { hits } = await films.search({ near: { vector: 'mine', value }, select: ['title'], limit: 1 });
  t.same(hits, []);
  // @ts-expect-error a leg on a vector that the schema does not name
  await t.rejects(films.search({ near: { vector: 'mein', value } }), { code: 'UNKNOWN_VECTOR' });
  // @ts-expect-error an option that does not exist
  await t.rejects(films.search({ near: { vector: 'mine', value }, limits: 1 }), { code: 'UNKNOWN_OPTION' });
  // @ts-expect-error a fusion that does not exist
  await t.rejects(films.search({ near: { vector: 'mine', value }, fuse: 'sum' }), { code: 'UNKNOWN_OPTION' });
  // @ts-expect-error a field of another name
  t.ok(await films.search({ near: { vector: 'mine', value }, select: ['titel'] }));
  // @ts-expect-error an order by a field of another name
  await t.rejects(films.scan({ orderBy: 'yaer' }).next(), { code: 'INVALID_ARGUMENT' });
  // @ts-expect-error the id cannot change
  await t.rejects(films.update(1, { id: 2 }), { code: 'INVALID_ID' });
  // @ts-expect-error a change of the wrong type
  await t.rejects(films.update(1, { year: 'x' }), { code: /./ });
  await db.close();
});

t.test('without a schema, records and names are open', async (t) => {
  const db = await open(':memory:');
  await db.collection('films', SCHEMA);
  const films = await db.collection('films');
  await films.upsert({ id: 1, studio: 'Fox', anything: [1, 2] });
  const stored = await films.get(1);
  const loose: unknown = stored?.anything;
  t.same(loose, [1, 2]);
  t.ok(await films.search({ near: { vector: 'mine', value: Float32Array.of(1, 2) }, select: ['anything'] }));
  await db.close();
});

t.test('filters are typed by the schema, and free for keys that it does not name', async (t) => {
  const db = await open(':memory:');
  const films = await db.collection('films', SCHEMA);
  const near = { vector: 'mine', value: Float32Array.of(1, 2) } as const;
  const filter = { year: { $gte: 1990 }, genres: { $any: ['drama'] }, 'extra.a': 1, other: true } as const;
  t.equal(await films.count(filter), 0);
  t.same((await films.search({ near, filter })).hits, []);
  // @ts-expect-error an operator that does not exist
  await t.rejects(films.count({ year: { $gtt: 3 } }), { code: 'UNKNOWN_OPERATOR' });
  // @ts-expect-error a string for a number
  await t.rejects(films.search({ near, filter: { year: 'many' } }), { code: 'INVALID_FILTER' });
  // @ts-expect-error a number for a keyword
  await t.rejects(films.delete({ filter: { studio: 3 } }), { code: 'INVALID_FILTER' });
  // @ts-expect-error a condition of the wrong type in a conjunction
  await t.rejects(films.scan({ filter: { $and: [{ year: { $lt: 'x' } }] } }).next(), { code: 'INVALID_FILTER' });
  await db.close();
});

t.test('a hit has a record unless the query asks for ids alone', async (t) => {
  const db = await open(':memory:');
  const films = await db.collection('films', SCHEMA);
  await films.upsert({ id: 1, studio: 'Fox', vectors: { mine: Float32Array.of(1, 2) } });
  const near = { vector: 'mine', value: Float32Array.of(1, 2) } as const;
  const [whole] = (await films.search({ near })).hits;
  t.ok(holds<Equal<typeof whole.record.studio, string>>(true));
  t.equal(whole.record.studio, 'Fox');
  const [bare] = (await films.search({ near, select: [] })).hits;
  t.ok(holds<Equal<typeof bare.record, undefined>>(true));
  t.equal(bare.record, undefined);
  const untyped = await db.collection('films');
  t.equal((await untyped.search({ near })).hits[0].record.studio, 'Fox');
  await db.close();
});
