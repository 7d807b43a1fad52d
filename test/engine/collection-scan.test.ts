import t from 'tap';
import { open, type ScanOptions } from '@nearfield/engine';

const SCHEMA = {
  fields: {
    n: 'integer',
    name: 'keyword',
    text: 'text',
    born: 'datetime',
    seen: 'boolean',
    weight: 'float',
    plain: { type: 'float', index: false },
    day: { type: 'datetime', index: false },
    flag: { type: 'boolean', index: false },
    label: { type: 'keyword', index: false },
  },
} as const;

async function rowsOf(count: number) {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  const records = Array.from({ length: count }, (_, i) => ({
    id: i % 2 === 0 ? i : `s${i}`,
    n: (i * 7) % 10,
    name: ['b', 'a', 'ä', 'B', ''][i % 5],
    text: `text ${(i * 3) % 7}`,
    born: new Date((i * 11) % 13),
    seen: i % 3 === 0 ? undefined : i % 3 === 1,
    weight: i % 7 === 0 ? undefined : [0, -0, 1.5, -1e300, 1e300, 2 ** 53][i % 6],
    plain: i % 4 === 0 ? undefined : ((i * 5) % 9) - 4.5,
    day: i % 5 === 0 ? undefined : new Date(((i * 7) % 11) - 5),
    flag: i % 4 === 0 ? undefined : i % 4 === 1,
    label: i % 6 === 0 ? undefined : ['b', 'a', 'ä', 'B', ''][i % 5],
  }));
  await rows.upsert(records.toReversed());
  return { db, rows, records };
}

type Id = string | number;

const ORDERED = ['n', 'name', 'text', 'born', 'seen', 'weight', 'plain', 'day', 'flag', 'label'] as const;

const byId = (a: Id, b: Id) => (typeof a === typeof b ? (a < b ? -1 : 1) : typeof a === 'number' ? -1 : 1);

async function collect<T>(scan: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const record of scan) all.push(record);
  return all;
}

t.test('a scan goes by id, numbers first, and gives whole records', async (t) => {
  const { rows, records } = await rowsOf(200);
  const all = await collect(rows.scan());
  t.same(
    all.map(({ id }) => id),
    records.map(({ id }) => id).sort(byId),
  );
  const first = Object.fromEntries(Object.entries(records[0]).filter(([, value]) => value !== undefined));
  t.same(all[0], first);
});

t.test('a scan goes by any scalar field, missing values last, ties by id', async (t) => {
  const { rows, records } = await rowsOf(150);
  for (const field of ORDERED) {
    for (const direction of ['asc', 'desc'] as const) {
      const expected = records
        .toSorted((a, b) => {
          const [x, y] = [a[field], b[field]].map((value) => (value instanceof Date ? value.getTime() : value));
          if (x === y) return byId(a.id, b.id);
          if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
          return x < y === (direction === 'asc') ? -1 : 1;
        })
        .map(({ id }) => id);
      const whole = await collect(rows.scan({ orderBy: { field, direction }, select: [] }));
      t.same(
        whole.map(({ id }) => id),
        expected,
        `${field} ${direction}`,
      );
      const pages: Id[] = [];
      for (let after: Id | undefined; ; after = pages.at(-1)) {
        const options: ScanOptions<typeof field> = { orderBy: { field, direction }, limit: 40, after };
        const page = await collect(rows.scan(options));
        pages.push(...page.map(({ id }) => id));
        if (page.length < 40) break;
      }
      t.same(pages, expected, `${field} ${direction}, by pages`);
    }
  }
});

t.test('a scan takes a filter, a limit, a selection and a place to go on after', async (t) => {
  const { rows, records } = await rowsOf(100);
  const ids = async (options: ScanOptions<'n' | 'name'>) => (await collect(rows.scan(options))).map(({ id }) => id);
  const matching = records.filter(({ n }) => n === 4).map(({ id }) => id);
  t.same(await ids({ filter: { n: 4 } }), matching.sort(byId));
  t.same(await ids({ limit: 0 }), []);
  t.same(await ids({ limit: 3, after: 10 }), [12, 14, 16]);
  t.same(await ids({ limit: 2, after: 11 }), [12, 14], 'after an id that is not there');
  t.same(await ids({ after: 's99' }), []);
  await t.rejects(ids({ orderBy: 'n', after: 'gone' }), { code: 'RECORD_NOT_FOUND' });
  t.same(await collect(rows.scan({ limit: 1, select: ['n'] })), [{ id: 0, n: 0 }]);
  for (const bad of [{ limit: -1 }, { limit: 1.5 }, { after: -1 }, { select: 'n' }, { vectors: 1 }, 5]) {
    await t.rejects(ids(bad as object), { code: /INVALID_(QUERY|ID|ARGUMENT)/ }, JSON.stringify(bad));
  }
});

t.test('writes during a scan neither repeat nor lose the records that stay', async (t) => {
  const { rows, records } = await rowsOf(400);
  const seen: Id[] = [];
  for await (const { id, n } of rows.scan()) {
    seen.push(id);
    if (seen.length % 50 !== 1) continue;
    await rows.update(id, { n: n! + 100 });
    await rows.upsert({ id: `new${seen.length}` });
    await rows.delete(records.at(-1)!.id);
  }
  const stayed = records.slice(0, -1).map(({ id }) => id);
  t.same(
    seen.filter((id) => !String(id).startsWith('new')),
    stayed.sort(byId),
  );
});

t.test('a scan of a strict collection selects declared fields only', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { strict: true, fields: { year: 'integer' } });
  await rows.upsert({ id: 1, year: 1990 });
  t.same(await collect(rows.scan({ select: ['year'] })), [{ id: 1, year: 1990 }]);
  const misspelled = { select: ['yaer'] } as unknown as { select: ['year'] };
  await t.rejects(collect(rows.scan(misspelled)), { code: 'UNKNOWN_FIELD', message: /year/ });
});

t.test('pages go on where the one before ended, whatever is written and deleted in between', async (t) => {
  for (const field of ORDERED) {
    const { rows, records } = await rowsOf(120);
    const orderBy = { field, direction: 'desc' } as const;
    const before = (await collect(rows.scan({ orderBy, select: [] }))).map(({ id }) => id);
    const pages: Id[] = [];
    const gone = new Set<Id>();
    for (let page = 0; ; page++) {
      const found = (await collect(rows.scan({ orderBy, limit: 16, after: pages.at(-1) }))).map(({ id }) => id);
      t.notOk(
        found.some((id) => gone.has(id)),
        'what was deleted does not come',
      );
      pages.push(...found);
      if (found.length < 16) break;
      const doomed = before[(page * 37 + 5) % before.length];
      if (doomed !== pages.at(-1)) {
        await rows.delete(doomed);
        gone.add(doomed);
      }
      // With the values that they had, so that their places stay.
      await rows.upsert(records.filter(({ id }, i) => i % 3 === page % 3 && !gone.has(id)));
      await rows.upsert({ ...records[(page * 11) % records.length], id: `new${page}` });
    }
    t.equal(new Set(pages).size, pages.length, `${field}: nothing comes twice`);
    t.same(
      pages.filter((id) => !gone.has(id) && !String(id).startsWith('new')),
      before.filter((id) => !gone.has(id)),
      `${field}: what stays comes, in order`,
    );
    const last = pages.at(-1)!;
    await rows.delete(last);
    await t.rejects(collect(rows.scan({ orderBy, after: last })), { code: 'RECORD_NOT_FOUND' });
  }
});

t.test('counts and deletes by filter read fields without an index and paths into json', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { n: 'integer', label: { type: 'keyword', index: false }, extra: 'json' },
  });
  const records = Array.from({ length: 300 }, (_, id) => ({
    id,
    n: id,
    label: id % 3 === 0 ? undefined : `label ${id % 3}`,
    extra: { deep: { flag: id % 4 === 0 }, list: [id % 5] },
    unnamed: id % 6,
  }));
  await rows.upsert(records);
  const filters = [
    { filter: { label: 'label 1', n: { $lt: 100 } }, of: (i: number) => i % 3 === 1 && i < 100 },
    { filter: { 'extra.deep.flag': true }, of: (i: number) => i % 4 === 0 },
    { filter: { 'extra.list': 3, label: { $exists: false } }, of: (i: number) => i % 5 === 3 && i % 3 === 0 },
    { filter: { $not: { unnamed: { $gte: 1 } } }, of: (i: number) => i % 6 === 0 },
  ];
  let left = records.map(({ id }) => id);
  for (const { filter, of } of filters) {
    const matching = left.filter(of).length;
    t.ok(matching > 0);
    t.equal(await rows.count(filter as never), matching, JSON.stringify(filter));
    t.same(await rows.delete({ filter } as never), { count: matching });
    t.equal(await rows.count(filter as never), 0);
    left = left.filter((id) => !of(id));
    t.same(
      (await collect(rows.scan({ select: [] }))).map(({ id }) => id),
      left,
    );
  }
});
