import t from 'tap';
import { open, type Facet, type FilterInput, type SchemaInput } from '@nearfield/engine';
import { naiveMatches } from './filter/naive-filter.js';
import { RANDOM_FIELDS, randomFilter, randomRecord, seededRandom } from './filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 11);
const COUNTED = ['studio', 'genres', 'year', 'seen', 'released'] as const;

/** As RANDOM_FIELDS; the names with a 2 have no index. */
const FIELDS = {
  ...RANDOM_FIELDS,
  studio2: { type: 'keyword', index: false },
  genres2: { type: 'keyword[]', index: false },
  year2: { type: 'integer', index: false },
  seen2: { type: 'boolean', index: false },
  released2: { type: 'datetime', index: false },
} as const;

type Row = Record<string, unknown>;

/** The same counts by going through the records. */
function naiveFacets(rows: readonly Row[], field: string): Facet[] {
  const counts = new Map<unknown, number>();
  for (const row of rows) {
    const value = row[field];
    if (value === undefined || value === null) continue;
    for (const each of Array.isArray(value) ? new Set<unknown>(value) : [value]) {
      const key = each instanceof Date ? each.getTime() : each;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || ((a as string) < (b as string) ? -1 : 1));
  return sorted.map(([value, count]) => ({
    value: field === 'released' ? new Date(value as number) : (value as string),
    count,
  }));
}

t.test(`facets and counts follow every write (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: FIELDS });
  const model = new Map<number, Row>();
  const write = async (ids: readonly number[]) => {
    const batch = ids.map((id) => {
      const record = randomRecord(random);
      for (const field of COUNTED) record[`${field}2`] = record[field];
      const row = { ...record, id };
      model.set(id, row);
      return row;
    });
    await rows.upsert(batch);
  };
  await write(Array.from({ length: 1200 }, (_, id) => id));
  // The same filters again and again: what was found for an earlier state is gone on with.
  const filters = Array.from({ length: 24 }, () => randomFilter(random) as FilterInput);
  for (let round = 0; round < 10; round++) {
    for (const filter of filters) {
      const matching = [...model.values()].filter((row) => naiveMatches(filter, row, RANDOM_FIELDS));
      const count = await rows.count(filter);
      if (count !== matching.length) t.equal(count, matching.length, `round ${round}: ${JSON.stringify(filter)}`);
      const field = COUNTED[Math.floor(random() * COUNTED.length)];
      const expected = naiveFacets(matching, field);
      for (const name of [field, `${field}2`] as const) {
        const facets = await rows.facets(name as typeof field, { filter, limit: 1000 });
        if (JSON.stringify(facets) !== JSON.stringify(expected))
          t.same(facets, expected, `${name}, round ${round}: ${JSON.stringify(filter)}`);
      }
    }
    if (!t.passing()) return;
    const some = Array.from({ length: 60 }, () => Math.floor(random() * 1600));
    // More deletions in some rounds, until the table is rewritten.
    const gone = round % 3 === 2 ? [...model.keys()].filter((id) => id % 3 !== 0) : some.slice(0, 20);
    await rows.delete(gone);
    for (const id of gone) model.delete(id);
    await write([...new Set(some.slice(round % 2 === 0 ? 20 : 58))]);
  }
  t.ok(model.size > 0);
});

t.test('facets are the most frequent values, ties in ascending order, at most 100 of them', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: { n: 'integer', word: 'keyword', day: 'datetime' } });
  await rows.upsert(
    Array.from({ length: 450 }, (_, id) => ({
      id,
      n: id % 150,
      word: id % 9 < 5 ? 'a' : id % 9 < 7 ? 'c' : 'b',
      day: new Date(0),
    })),
  );
  t.same(await rows.facets('word'), [
    { value: 'a', count: 250 },
    { value: 'b', count: 100 },
    { value: 'c', count: 100 },
  ]);
  t.same(await rows.facets('word', { limit: 1, filter: { n: { $lt: 3 } } }), [{ value: 'a', count: 5 }]);
  t.same(
    (await rows.facets('n')).map(({ value }) => value),
    Array.from({ length: 100 }, (_, n) => n),
  );
  t.equal((await rows.facets('n', { limit: 1000 })).length, 150);
  t.same(await rows.facets('day'), [{ value: new Date(0), count: 450 }]);
  t.same(await rows.facets('word', { limit: 0 }), []);
  t.same(await rows.facets('word', { filter: { word: 'z' } }), []);
  const [first]: Facet<string>[] = await rows.facets('word');
  t.equal(first.value.toUpperCase(), 'A');
});

t.test('a field whose values cannot be counted is refused, with what was meant', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection<SchemaInput>('rows', {
    fields: { word: 'keyword', title: 'text', rating: 'float', place: 'geo', extra: 'json' },
  });
  for (const field of ['title', 'rating', 'place', 'extra', 'id', 'loose', 5]) {
    await t.rejects(rows.facets(field as string), { code: 'INVALID_ARGUMENT' }, String(field));
  }
  await t.rejects(rows.facets('wrod'), { message: /word/ });
  await t.rejects(rows.facets('word', { limit: -1 }), { code: 'INVALID_QUERY' });
  await t.rejects(rows.facets('word', { filter: { word: { $gtt: 1 } } as FilterInput }), { code: 'UNKNOWN_OPERATOR' });
  await t.rejects(rows.facets('word', { size: 1 } as object), { code: 'UNKNOWN_OPTION' });
  await t.rejects(rows.facets('word', { signal: AbortSignal.abort() }), { code: 'ABORTED' });
});
