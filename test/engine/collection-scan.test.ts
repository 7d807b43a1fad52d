import t from 'tap';
import { open, type ScanOptions } from '@nearfield/engine';

const SCHEMA = {
  fields: {
    n: 'integer',
    name: 'keyword',
    text: 'text',
    born: 'datetime',
    seen: 'boolean',
    plain: { type: 'float', index: false },
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
    plain: i % 4 === 0 ? undefined : ((i * 5) % 9) - 4.5,
  }));
  await rows.upsert(records.toReversed());
  return { db, rows, records };
}

type Id = string | number;

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
  const { seen: _seen, plain: _plain, ...first } = records[0];
  t.same(all[0], first);
});

t.test('a scan goes by any scalar field, missing values last, ties by id', async (t) => {
  const { rows, records } = await rowsOf(150);
  for (const field of ['n', 'name', 'text', 'born', 'seen', 'plain'] as const) {
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
