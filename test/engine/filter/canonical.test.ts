import t from 'tap';
import { canonicalKey, filterFields, parseFilter } from '@nearfield/engine/internals/filter/index';
import { RANDOM_FIELDS as FIELDS, randomFilter, seededRandom } from './random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 17);

const parse = (input: unknown) => parseFilter(input, FIELDS);

const EQUIVALENT: Record<string, unknown[]> = {
  'every record': [
    undefined,
    {},
    { $and: [{}] },
    { $or: [{}, { year: 1 }] },
    { $not: { year: { $in: [] } } },
    { year: { $nin: [] } },
  ],
  'no record': [
    { $not: {} },
    { year: { $in: [] } },
    { year: { $any: [] } },
    { $and: [{ year: { $in: [] } }, { seen: true }] },
  ],
  equality: [
    { year: 1 },
    { year: { $eq: 1 } },
    { year: { $in: [1] } },
    { year: { $in: [1, 1] } },
    { year: { $any: [1] } },
    { year: { $all: [1, 1] } },
    { $and: [{ year: 1 }] },
    { $and: [{ year: 1 }, { $or: [{ year: 1 }] }, {}] },
    { $not: { $not: { year: 1 } } },
    { $not: { year: { $ne: 1 } } },
    { year: { $not: { $ne: 1 } } },
    { year: { $not: { $not: { $eq: 1 } } } },
  ],
  inequality: [
    { year: { $ne: 1 } },
    { $not: { year: 1 } },
    { year: { $not: { $eq: 1 } } },
    { year: { $nin: [1] } },
    { year: { $none: [1] } },
  ],
  conjunction: [
    { year: { $gte: 1, $lt: 5 }, seen: true },
    { seen: true, year: { $lt: 5, $gte: 1 } },
    { $and: [{ seen: true }, { year: { $lt: 5 } }, { year: { $gte: 1 } }] },
    { $and: [{ year: { $gte: 1 } }, { $and: [{ year: { $lt: 5 } }, { $and: [{ seen: true }, { seen: true }] }] }] },
  ],
  disjunction: [
    { $or: [{ year: 1 }, { seen: true }, { title: 'a' }] },
    { $or: [{ $or: [{ title: 'a' }, { seen: true }] }, { year: 1 }, { year: { $in: [] } }] },
  ],
  'a range': [
    { year: { $gte: 1990, $lt: 2000 } },
    { $and: [{ year: { $lt: 2000 } }, { year: { $gte: 1990 } }] },
    { year: { $gte: 1990 }, $not: { year: { $not: { $lt: 2000 } } } },
    { year: { $gte: 1990, $lt: 2000, $exists: true }, $and: [{ year: { $gt: 1900, $lte: 2100 } }] },
    { $not: { $or: [{ year: { $not: { $gte: 1990 } } }, { year: { $not: { $lt: 2000 } } }] } },
  ],
  'what is outside of a range': [
    { year: { $not: { $gte: 1990, $lt: 2000 } } },
    { $or: [{ year: { $not: { $gte: 1990 } } }, { $not: { year: { $lt: 2000 } } }] },
  ],
  'one value of a range': [{ year: 5 }, { year: { $gte: 5, $lte: 5 } }, { year: { $in: [3, 5, 8], $gt: 3, $lt: 8 } }],
  'an empty range': [
    { $not: {} },
    { year: { $gt: 5, $lt: 5 } },
    { year: { $gte: 6, $lte: 5 } },
    { year: 1, $and: [{ year: 2 }] },
  ],
  'one of several values': [
    { loose: { $in: [1, 2, 'a'] } },
    { $or: [{ loose: 1 }, { loose: { $in: ['a', 2] } }] },
    { $not: { loose: { $ne: 1 }, $and: [{ loose: { $nin: [2, 'a'] } }] } },
  ],
  'none of several values': [
    { genres: { $none: ['a', 'b'] } },
    { genres: { $ne: 'a' }, $not: { genres: 'b' } },
    { $not: { $or: [{ genres: 'a' }, { genres: 'b' }] } },
  ],
  'the looser of two bounds': [
    { year: { $gte: 5 } },
    { $or: [{ year: { $gt: 5 } }, { year: { $gte: 5 } }, { year: { $gt: 9 } }] },
  ],
  'the law of De Morgan': [
    { $not: { $and: [{ year: 1 }, { $or: [{ seen: true }, { title: 'a' }] }] } },
    { $or: [{ year: { $ne: 1 } }, { seen: { $ne: true }, title: { $ne: 'a' } }] },
  ],
  'a list in any order': [{ loose: { $in: [1, 'a', true, 2] } }, { loose: { $in: ['a', 2, true, 1, 1] } }],
  absence: [{ year: { $exists: false } }, { $not: { year: { $exists: true } } }],
  'an instant': [
    { released: new Date(0) },
    { released: '1970-01-01' },
    { released: '1970-01-01T00:00Z' },
    { released: '1970-01-01T02:00+02:00' },
  ],
  'an object with its keys in any order': [
    { extra: { $eq: { a: 1, b: { c: 2, d: 3 } } } },
    { extra: { $eq: { b: { d: 3, c: 2 }, a: 1 } } },
  ],
  'a region': [
    {
      place: {
        $within: {
          polygon: [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
        },
      },
    },
    {
      place: {
        $within: {
          polygon: [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 0],
          ],
        },
      },
    },
    {
      place: {
        $within: {
          polygon: [
            [-0, 0],
            [1, -0],
            [1, 1],
          ],
        },
      },
    },
  ],
  'an element': [{ genres: 'a' }, { genres: { $contains: 'a' } }, { genres: { $all: ['a'] } }],
};

for (const [meaning, spellings] of Object.entries(EQUIVALENT)) {
  t.test(`equivalent spellings of ${meaning} have one form`, async (t) => {
    const first = parse(spellings[0]);
    for (const spelling of spellings) {
      t.strictSame(parse(spelling), first, JSON.stringify(spelling));
      t.equal(canonicalKey(parse(spelling)), canonicalKey(first));
    }
  });
}

t.test(`random filters have one form, however they are wrapped (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  for (let at = 0; at < 2000; at++) {
    const [a, b] = [randomFilter(random, 2), randomFilter(random, 2)];
    const spellings: unknown[] = [
      { $and: [a, b] },
      { $and: [{ $and: [b] }, a, b] },
      { $not: { $not: { $and: [b, a] } } },
      { $not: { $or: [{ $not: a }, { $not: b }] } },
      { $or: [{ $and: [a, b] }, { $and: [b, a] }] },
    ];
    const keys = spellings.map((spelling) => canonicalKey(parse(spelling)));
    if (new Set(keys).size > 1) {
      t.same(keys, keys.fill(keys[0]), 'one key', { spellings });
      return;
    }
  }
});

t.test('conditions that two elements of a list can meet are not merged', async (t) => {
  for (const field of ['genres', 'loose', 'extra.a']) {
    const both = parse({ [field]: { $gt: 'b', $lt: 'c' } });
    t.equal(both.kind, 'and', field);
    t.not(canonicalKey(parse({ [field]: 'a', $and: [{ [field]: 'b' }] })), canonicalKey(parse({ $not: {} })));
  }
});

t.test('different filters have different keys', async (t) => {
  const inputs = [
    { loose: 1 },
    { loose: '1' },
    { loose: true },
    { loose: 'true' },
    { loose: [1] },
    { loose: { $any: [[1]] } },
    { year: 1 },
    { rating: 1 },
    { extra: 1 },
    { 'extra.a': 1 },
    { 'extra.a.b': 1 },
    { 'extra.a b': 1 },
    { year: { $gt: 1 } },
    { year: { $gte: 1 } },
    { $or: [{ year: 1 }, { rating: 1 }] },
    { year: 1, rating: 1 },
    { $not: { year: 1, rating: 1 } },
    { genres: ['a', 'b'] },
    { genres: { $in: ['a', 'b'] } },
    { genres: ['a,b'] },
    { place: { $within: { box: [0, 0, 1, 1] } } },
    { place: { $within: { center: [0, 0], radius: 1 } } },
    { title: { $contains: 'a' } },
    { title: 'a' },
    {},
    { $not: {} },
    { year: { $exists: true } },
  ];
  t.equal(new Set(inputs.map((input) => canonicalKey(parse(input)))).size, inputs.length);
});

t.test('a parsed filter is frozen through and through, and survives a structured clone', async (t) => {
  const filter = parse({
    $or: [
      { year: { $in: [1, 2] } },
      { extra: { $eq: { a: [1] } } },
      {
        place: {
          $within: {
            polygon: [
              [0, 0],
              [1, 0],
              [1, 1],
            ],
          },
        },
      },
    ],
    $not: { 'extra.a': [1], released: new Date() },
  });
  const thawed: unknown[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) thawed.push(value);
    Object.values(value).forEach(visit);
  };
  visit(filter);
  t.same(thawed, []);
  const copy = structuredClone(filter);
  t.strictSame(copy, filter);
  t.equal(canonicalKey(copy), canonicalKey(filter));
});

t.test('changing the input later does not change the filter', async (t) => {
  const list = [1, 2];
  const inner = { a: [1] };
  const filter = parse({ year: { $in: list }, extra: { $eq: inner } });
  const key = JSON.stringify(filter);
  list.push(3);
  inner.a.push(2);
  t.equal(JSON.stringify(filter), key);
});

t.test('the fields of a filter are the top-level names that it reads, once each', async (t) => {
  const filter = parse({ 'extra.b.c': 1, $or: [{ 'extra.a': 1 }, { $not: { year: 1 } }, { 'x.y': 1 }] });
  t.same(filterFields(filter), ['extra', 'x', 'year']);
  t.same(filterFields(parse({})), []);
});
