import t from 'tap';
import type { FilterInput } from '@nearfield/engine/internals/filter/index';
import { parseFilter } from '@nearfield/engine/internals/filter/index';
import type { RANDOM_FIELDS } from './random-filter.js';
import { RANDOM_FIELDS as FIELDS } from './random-filter.js';

type Films = FilterInput<typeof RANDOM_FIELDS>;

// The compiler is the first half of this test: `npm run typecheck` fails when a line marked @ts-expect-error compiles.
t.test('a filter typed by its fields takes what the parser takes', async (t) => {
  const filters: Films[] = [
    {},
    { year: 1994, studio: 'Fox', seen: true, released: new Date(0), place: [0, 0], genres: 'drama' },
    { year: { $gte: 1990, $lt: 2000 }, genres: { $any: ['drama'] }, $not: { studio: 'Fox' } },
    { $or: [{ title: { $contains: 'a' } }, { 'extra.a.b': 5 }, { undeclared: { $in: [1, 'a'] } }] },
    { place: { $within: { box: [0, 0, 1, 1] } }, poster: { $exists: true }, extra: { $eq: { a: 1 } } },
    { released: { $gt: '2020-01-01' }, year: { $not: { $in: [1, 2] } }, genres: ['a', 'b'] },
  ];
  for (const filter of filters) t.ok(parseFilter(filter, FIELDS).kind);
});

t.test('a filter typed by its fields refuses what the parser refuses', async (t) => {
  const filters: Films[] = [
    // @ts-expect-error a string for a number
    { year: '1994' },
    // @ts-expect-error an operator that does not exist
    { year: { $gtee: 1 } },
    // @ts-expect-error no order among booleans
    { seen: { $gt: false } },
    // @ts-expect-error an image has no equality
    { poster: 'p.jpg' },
    // @ts-expect-error the inside of $or is typed too
    { $or: [{ studio: 5 }] },
    // @ts-expect-error a region lacks its radius
    { place: { $within: { center: [0, 0] } } },
  ];
  for (const filter of filters) {
    t.throws(() => parseFilter(filter, FIELDS), { code: /INVALID_FILTER|UNKNOWN_OPERATOR/ });
  }
});

t.test('a filter without known fields is open', async (t) => {
  const filter: FilterInput = { year: 1994, $and: [{ 'a.b': { $gt: 1 } }], $not: { studio: 'Fox' } };
  t.equal(parseFilter(filter, {}).kind, 'and');
});
