import t from 'tap';
import { compileFilter, parseFilter } from '@nearfield/engine/internals/filter/index';
import { RANDOM_FIELDS as FIELDS } from './random-filter.js';

t.test('each top-level field is bound once, and read by row', async (t) => {
  const columns: Record<string, unknown[]> = { year: [1, 2, 3], extra: [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }] };
  const bound: string[] = [];
  const filter = parseFilter({ year: { $gt: 0, $lt: 3 }, 'extra.a': 1, $not: { 'extra.b': 2, year: 1 } }, FIELDS);
  const test = compileFilter(filter, (field) => {
    bound.push(field);
    return (row) => columns[field]![row];
  });
  t.same(bound.sort(), ['extra', 'year'], 'at compile time');
  t.same([0, 1, 2].map(test), [true, false, false]);
  t.same(bound.length, 2, 'and not again for the rows');
});

t.test('a filter without conditions binds nothing', async (t) => {
  const bind = (field: string): never => t.fail(`bound ${field}`) as never;
  t.equal(compileFilter(parseFilter({}, FIELDS), bind)(0), true);
  t.equal(compileFilter(parseFilter({ year: { $in: [] } }, FIELDS), bind)(0), false);
});

t.test('a filter compiles from a structured clone of itself', async (t) => {
  const filter = parseFilter({ genres: { $all: ['a', 'b'] }, released: { $lt: '2020-01-01' } }, FIELDS);
  const record: Record<string, unknown> = { genres: ['b', 'a'], released: new Date(0) };
  t.equal(compileFilter(structuredClone(filter), (field) => () => record[field])(0), true);
});
