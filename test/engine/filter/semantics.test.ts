import t from 'tap';
import { passes } from './passes.js';
import { RANDOM_FIELDS as FIELDS } from './random-filter.js';

/** [filter, records that pass, records that do not]. */
type Fact = readonly [filter: Record<string, unknown>, passing: unknown[], failing: unknown[]];

/** Checks facts about the values of one field; a missing value is given as undefined or null. */
function facts(title: string, field: string, rows: readonly Fact[]): void {
  t.test(title, async (t) => {
    for (const [filter, passing, failing] of rows) {
      const pass = (value: unknown) => passes(filter, value === undefined ? {} : { [field]: value }, FIELDS);
      t.same(
        passing.filter((value) => !pass(value)),
        [],
        `passes ${JSON.stringify(filter)}`,
      );
      t.same(failing.filter(pass), [], `fails ${JSON.stringify(filter)}`);
    }
  });
}

const MISSING = [undefined, null];

facts('a keyword is compared as a string, by code units', 'studio', [
  [{ studio: 'Fox' }, ['Fox'], ['fox', 'Foxes', '', ...MISSING]],
  [{ studio: { $eq: '' } }, [''], ['Fox', ...MISSING]],
  [{ studio: { $ne: 'Fox' } }, ['fox', '', ...MISSING], ['Fox']],
  [{ studio: { $in: ['a', 'b'] } }, ['a', 'b'], ['c', 'ab', ...MISSING]],
  [{ studio: { $in: [] } }, [], ['a', '', ...MISSING]],
  [{ studio: { $nin: ['a', 'b'] } }, ['c', ...MISSING], ['a', 'b']],
  [{ studio: { $nin: [] } }, ['a', ...MISSING], []],
  [{ studio: { $gt: 'Z' } }, ['a', 'é', '映'], ['Z', 'A', '', ...MISSING]],
  [{ studio: { $gte: 'b', $lt: 'd' } }, ['b', 'c', 'czz'], ['a', 'd', 'B', ...MISSING]],
  // U+FF61 sorts before U+1F3AC by code point, and after it by UTF-16 code unit.
  [{ studio: { $lt: '\uff61' } }, ['🎬'], ['\uff61', ...MISSING]],
  [{ studio: { $contains: 'ox' } }, ['Fox', 'oxen'], ['FOX', 'o x', ...MISSING]],
  [{ studio: { $contains: '' } }, ['Fox', ''], MISSING],
  [{ studio: { $exists: true } }, ['Fox', ''], MISSING],
  [{ studio: { $exists: false } }, MISSING, ['Fox', '']],
  [{ studio: { $not: { $gte: 'b', $lt: 'd' } } }, ['a', 'd', ...MISSING], ['b', 'c']],
]);

facts('a scalar counts as an array of one for $any, $all and $none', 'studio', [
  [{ studio: { $any: ['a', 'b'] } }, ['a', 'b'], ['c', ...MISSING]],
  [{ studio: { $any: [] } }, [], ['a', ...MISSING]],
  [{ studio: { $all: ['a'] } }, ['a'], ['b', ...MISSING]],
  [{ studio: { $all: ['a', 'b'] } }, [], ['a', 'b', ...MISSING]],
  [{ studio: { $all: [] } }, ['a', ''], MISSING],
  [{ studio: { $none: ['a', 'b'] } }, ['c', ...MISSING], ['a', 'b']],
  [{ studio: { $none: [] } }, ['a', ...MISSING], []],
]);

facts('text is searched by substring as it stands', 'title', [
  [{ title: { $contains: 'night' } }, ['the night fox'], ['Night', ...MISSING]],
  [{ title: { $contains: '🎬' } }, ['映画 🎬'], ['映画', ...MISSING]],
  [{ title: 'a' }, ['a'], ['a ', ...MISSING]],
]);

facts('an array of keywords passes by any of its elements', 'genres', [
  [{ genres: 'drama' }, [['drama'], ['noir', 'drama']], [['noir'], [], ...MISSING]],
  [{ genres: { $ne: 'drama' } }, [['noir'], [], ...MISSING], [['noir', 'drama']]],
  [{ genres: { $in: ['a', 'b'] } }, [['a'], ['c', 'b']], [['c'], [], ...MISSING]],
  [{ genres: { $nin: ['a', 'b'] } }, [['c'], [], ...MISSING], [['a'], ['c', 'b']]],
  [{ genres: { $gt: 'm' } }, [['a', 'z']], [['a', 'm'], [], ...MISSING]],
  // Each operator may be satisfied by another element.
  [{ genres: { $gt: 'm', $lt: 'c' } }, [['a', 'z']], [['a'], ['z'], ['d'], ...MISSING]],
  [{ genres: { $any: ['a', 'b'] } }, [['a'], ['c', 'b']], [['c'], [], ...MISSING]],
  [
    { genres: { $all: ['a', 'b'] } },
    [
      ['b', 'a'],
      ['a', 'b', 'c'],
    ],
    [['a'], ['b'], [], ...MISSING],
  ],
  [{ genres: { $all: [] } }, [['a'], []], MISSING],
  [{ genres: { $none: ['a', 'b'] } }, [['c'], [], ...MISSING], [['a', 'c']]],
  [{ genres: { $contains: 'drama' } }, [['noir', 'drama']], [['dramatic'], [], ...MISSING]],
  [{ genres: ['a', 'b'] }, [['a', 'b']], [['b', 'a'], ['a'], ['a', 'b', 'c'], ...MISSING]],
  [{ genres: { $eq: [] } }, [[]], [['a'], ...MISSING]],
  [{ genres: { $ne: ['a', 'b'] } }, [['b', 'a'], [], ...MISSING], [['a', 'b']]],
  [{ genres: { $exists: true } }, [['a'], []], MISSING],
]);

facts('numbers are compared as numbers', 'year', [
  [{ year: 1994 }, [1994], [1993, ...MISSING]],
  [{ year: { $eq: -0 } }, [0, -0], [1, ...MISSING]],
  [{ year: { $gte: 1990, $lt: 2000 } }, [1990, 1999], [1989, 2000, ...MISSING]],
  [{ year: { $gt: 1990.5 } }, [1991], [1990, ...MISSING]],
  [{ year: { $lte: -1 } }, [-1, -2], [0, ...MISSING]],
  [{ year: { $in: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } }, [1, 10], [0, 11, 1.5, ...MISSING]],
  [{ year: { $ne: 1 } }, [2, ...MISSING], [1]],
  [{ year: { $any: [1, 2] } }, [1], [3, ...MISSING]],
]);

facts('a boolean is equal or not', 'seen', [
  [{ seen: true }, [true], [false, ...MISSING]],
  [{ seen: false }, [false], [true, ...MISSING]],
  [{ seen: { $ne: true } }, [false, ...MISSING], [true]],
  [{ seen: { $in: [true, false] } }, [true, false], MISSING],
  [{ seen: { $nin: [true] } }, [false, ...MISSING], [true]],
]);

const NOON = new Date('2020-01-31T12:00:00Z');
const MIDNIGHT = new Date('2020-01-31T00:00:00Z');

facts('a datetime is an instant, whatever its spelling and its stored form', 'released', [
  [{ released: NOON }, [NOON, NOON.getTime()], [MIDNIGHT, MIDNIGHT.getTime(), ...MISSING]],
  [{ released: '2020-01-31T12:00Z' }, [NOON, NOON.getTime()], [MIDNIGHT, ...MISSING]],
  [{ released: '2020-01-31T14:00:00.000+02:00' }, [NOON], [MIDNIGHT, ...MISSING]],
  [{ released: '2020-01-31' }, [MIDNIGHT], [NOON, ...MISSING]],
  [{ released: { $gt: '2020-01-31' } }, [NOON], [MIDNIGHT, ...MISSING]],
  [{ released: { $gte: '2020-01-31', $lt: '2020-02-01' } }, [NOON, MIDNIGHT], [new Date('2020-02-01'), ...MISSING]],
  [{ released: { $in: ['2020-01-31', NOON] } }, [NOON, MIDNIGHT], [new Date(0), ...MISSING]],
  [{ released: { $ne: NOON } }, [MIDNIGHT, ...MISSING], [NOON]],
  [{ released: { $lt: new Date(0) } }, [new Date(-1)], [new Date(0), ...MISSING]],
]);

facts('an image and a sound are there or not', 'poster', [
  [{ poster: { $exists: true } }, [new Uint8Array(1), './p.jpg'], MISSING],
  [{ poster: { $exists: false } }, MISSING, [new Uint8Array(1)]],
  [{ poster: { $not: { $exists: true } } }, MISSING, ['./p.jpg']],
]);

facts('a point is equal to a point', 'place', [
  [{ place: [10, 20] }, [[10, 20]], [[20, 10], [10, 20.5], ...MISSING]],
  [{ place: { $ne: [10, 20] } }, [[20, 10], ...MISSING], [[10, 20]]],
  [{ place: { $exists: true } }, [[0, 0]], MISSING],
]);

facts('values of an undeclared key are compared with their own type only', 'loose', [
  [{ loose: 1 }, [1, [1], [2, 1]], ['1', true, [[1]], ...MISSING]],
  [{ loose: '1' }, ['1', ['1']], [1, ...MISSING]],
  [{ loose: true }, [true], [1, 'true', ...MISSING]],
  [{ loose: { $gt: 1 } }, [2, [0, 2]], ['2', true, 1, [], {}, ...MISSING]],
  [{ loose: { $gte: '1' } }, ['1', '2'], [1, 2, ...MISSING]],
  [{ loose: { $gt: false } }, [true], [false, 1, ...MISSING]],
  [{ loose: { $in: [1, 'a'] } }, [1, 'a', ['a']], ['1', ...MISSING]],
  [{ loose: { $ne: 1 } }, ['1', [2], ...MISSING], [1, [1]]],
  [{ loose: { $none: [1, 2] } }, [3, [3], [], ...MISSING], [1, [3, 2]]],
  [{ loose: { $contains: 'a' } }, ['bar', ['a']], [['bar'], 1, ...MISSING]],
  [{ loose: { $contains: 1 } }, [[1]], [1, '1', ...MISSING]],
  [{ loose: { $exists: true } }, [0, false, '', [], {}], MISSING],
  [
    { loose: { $within: { box: [0, 0, 10, 10] } } },
    [
      [5, 5],
      [
        [50, 50],
        [5, 5],
      ],
    ],
    [5, [5, 50], [5], ['5', '5'], [5, 5, 5], ...MISSING],
  ],
]);

facts('arrays and objects are compared deeply, as a whole or as an element', 'loose', [
  [{ loose: [1, 2] }, [[1, 2], [[1, 2]], [0, [1, 2]]], [[2, 1], [1], [1, 2, 3], ...MISSING]],
  [
    { loose: { $eq: { x: 1, y: [2] } } },
    [{ y: [2], x: 1 }, [{ x: 1, y: [2] }]],
    [{ x: 1 }, { x: 1, y: [2], z: 3 }, ...MISSING],
  ],
  [{ loose: { $eq: [1, null] } }, [[1, null]], [[1], [1, 0], ...MISSING]],
  [{ loose: { $in: [[1], 'a'] } }, [[1], 'a', [[1]]], [1, [2], ...MISSING]],
  [{ loose: { $any: [[1, 2]] } }, [[[1, 2]]], [[1, 2], ...MISSING]],
  [{ loose: { $all: [[1], 2] } }, [[2, [1]]], [[1, 2], [[1]], ...MISSING]],
  [{ loose: { $contains: { x: 1 } } }, [[{ x: 1 }]], [{ x: 1 }, ...MISSING]],
  [{ loose: { $eq: {} } }, [{}], [new Date(0), new Map(), [], ...MISSING]],
]);

facts('a path descends through objects, and through arrays by any element', 'extra', [
  [
    { 'extra.a.b': 1 },
    [{ a: { b: 1 } }, { a: [{ b: 2 }, { b: 1 }] }, [{ a: { b: [1] } }]],
    [{ a: 1 }, { b: 1 }, { a: [[{ b: 1 }]] }, {}, 1, ...MISSING],
  ],
  [{ 'extra.a': { $exists: false } }, [{}, { a: null }, 'text', [], ...MISSING], [{ a: 0 }, [{}, { a: 1 }]]],
  [{ 'extra.a.b': { $ne: 1 } }, [{}, { a: [{ b: 2 }] }, ...MISSING], [{ a: [{ b: 2 }, { b: 1 }] }]],
  [
    { 'extra.a.b': { $all: [1, 2] } },
    [{ a: [{ b: 1 }, { b: 2 }] }, { a: { b: [2, 1] } }],
    [{ a: { b: 1 } }, ...MISSING],
  ],
  [{ 'extra.0': 1 }, [{ 0: 1 }], [[1], [[1]], 'text', ...MISSING]],
  [{ 'extra.length': { $exists: true } }, [{ length: 1 }], [[1], 'text', ...MISSING]],
]);

t.test('a path reads own properties only', async (t) => {
  for (const path of ['__proto__', 'constructor', 'extra.__proto__', 'extra.constructor.name', 'extra.toString']) {
    t.notOk(passes({ [path]: { $exists: true } }, { extra: { a: 1 } }, FIELDS), path);
  }
  t.ok(passes({ 'extra.constructor': 'Ferrari' }, { extra: { constructor: 'Ferrari' } }, FIELDS), 'an own one is read');
  const hostile = JSON.parse('{"extra.__proto__": {"$eq": {"__proto__": {"polluted": true}}}}') as unknown;
  const record = { extra: JSON.parse('{"__proto__": {"__proto__": {"polluted": true}}}') as unknown };
  t.ok(passes(hostile, record, FIELDS), 'an own __proto__ is data');
  t.notOk(passes(hostile, { extra: {} }, FIELDS));
  t.notOk('polluted' in {}, 'nothing is polluted');
});

t.test('a declared name that contains dots is one field', async (t) => {
  t.ok(passes({ 'a.b': 1 }, { 'a.b': 1 }, { 'a.b': 'integer' }));
});

t.test('filters combine by $and, $or and $not', async (t) => {
  const record = { year: 1994, genres: ['drama'], studio: 'Castle Rock' };
  const pass = (filter: unknown) => passes(filter, record, FIELDS);
  t.ok(pass(undefined));
  t.ok(pass({}));
  t.ok(pass({ year: { $gte: 1990, $lt: 2000 }, genres: { $any: ['drama'] }, $not: { studio: 'Fox' } }));
  t.notOk(pass({ year: 1994, studio: 'Fox' }), 'all clauses must hold');
  t.ok(pass({ $or: [{ year: 1 }, { genres: 'drama' }] }));
  t.notOk(pass({ $or: [{ year: 1 }, { genres: 'noir' }] }));
  t.ok(pass({ $and: [{ year: 1994 }, { genres: 'drama' }] }));
  t.notOk(pass({ $and: [{ year: 1994 }, { genres: 'noir' }] }));
  t.notOk(pass({ $not: { year: 1994, genres: 'drama' } }));
  t.ok(pass({ $not: { year: 1994, genres: 'noir' } }), 'the complement of a conjunction');
  t.ok(pass({ $not: { rating: { $gt: 5 } } }), 'the complement holds for a missing value');
  t.notOk(pass({ $not: {} }));
});
