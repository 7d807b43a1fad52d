import t from 'tap';
import { NearfieldError } from '@nearfield/engine/internals/errors/index';
import { parseFilter } from '@nearfield/engine/internals/filter/index';
import { RANDOM_FIELDS as FIELDS } from './random-filter.js';

function refusal(input: unknown): NearfieldError | undefined {
  try {
    parseFilter(input, FIELDS);
    return undefined;
  } catch (error) {
    if (error instanceof NearfieldError) return error;
    throw error;
  }
}

/** [filter, words of the message]. */
function refuses(title: string, code: NearfieldError['code'], cases: readonly (readonly [unknown, RegExp])[]): void {
  t.test(title, async (t) => {
    for (const [at, [input, message]] of cases.entries()) t.match(refusal(input), { code, message }, `case ${at}`);
  });
}

class Condition {
  $eq = 1;
}

refuses('a filter is a plain object', 'INVALID_FILTER', [
  [null, /not a filter; expected a plain object; received null/],
  ['year', /received "year"/],
  [[{ year: 1 }], /received an array of 1/],
  [new Map([['year', 1]]), /received an instance of Map/],
  [() => true, /received a function/],
  [{ $not: [] }, /\$not: not a filter/],
  [{ $and: [{ year: 1 }, null] }, /\$and: not a filter/],
  // oxlint-disable-next-line no-sparse-arrays
  [{ $or: [, { year: 1 }] }, /\$or: not a filter/],
  [{ [Symbol('year')]: 1 }, /a key is a symbol/],
]);

refuses('$and and $or take at least one filter', 'INVALID_FILTER', [
  [{ $and: [] }, /\$and: an empty list.*Leave \$and out/],
  [{ $or: [] }, /\$or: an empty list/],
  [{ $or: { year: 1 } }, /\$or: the operand is not a list; expected an array/],
]);

refuses('an operator has its place', 'INVALID_FILTER', [
  [{ $gt: 5 }, /\$gt needs a field.*\{ field: \{ \$gt: … \} \}/],
  [{ year: { $or: [{ $lt: 1 }, { $gt: 5 }] } }, /Filter on `year`, \$or: \$or combines filters/],
  [{ year: {} }, /Filter on `year`: no operator/],
  [{ year: { $gt: 1, below: 5 } }, /Filter on `year`: `below` is not an operator/],
  [{ extra: { a: 1 } }, /`a` is not an operator.*Use the path `extra.a`, or \$eq/],
  [{ place: { center: [0, 0], radius: 1 } }, /Use \$within/],
  [{ loose: { $eq: { $gt: 1 } } }, /the operand has the operator \$gt as a key/],
  [{ year: { [Symbol('gt')]: 1 } }, /a key is a symbol/],
]);

refuses('an unknown operator names the nearest one', 'UNKNOWN_OPERATOR', [
  [{ year: { $gtee: 1 } }, /Filter on `year`: no operator \$gtee.*Did you mean `\$gte`\?/],
  [{ genres: { $contain: 'a' } }, /Did you mean `\$contains`\?/],
  [{ year: { gte: 1 } }, /no operator gte.*Did you mean `\$gte`\?/],
  [{ $andd: [] }, /no operator \$andd.*Did you mean `\$and`\?/],
  [{ loose: { $regularExpression: 'a' } }, /Known: \$eq, \$ne/],
  [{ year: { [`$${'x'.repeat(1_000_000)}`]: 1 } }, /^.{1,400}$/],
]);

refuses('an operand has the type of its field', 'INVALID_FILTER', [
  [{ year: '1994' }, /Filter on `year`, \$eq: wrong operand for a number; expected a finite number; received "1994"/],
  [{ year: { $gt: Number.NaN } }, /`year`, \$gt.*received NaN/],
  [{ rating: { $lt: Infinity } }, /`rating`, \$lt.*received Infinity/],
  [{ year: 5n }, /received 5n. Convert the bigint with Number\(\)/],
  [{ loose: 5n }, /Convert the bigint/],
  [{ loose: Number.NaN }, /expected a finite number/],
  [{ year: { $in: [1, '2'] } }, /`year`, \$in.*received "2"/],
  [{ year: [1] }, /received an array of 1/],
  [{ year: { $in: 5 } }, /`year`, \$in: the operand is not a list/],
  [{ seen: 1 }, /`seen`, \$eq: wrong operand for a boolean field; expected true or false; received 1/],
  [{ studio: 5 }, /`studio`.*expected a string; received 5/],
  [{ studio: /fox/ }, /received an instance of RegExp/],
  [{ studio: ['a'] }, /received an array/],
  [{ studio: { $contains: 5 } }, /`studio`, \$contains/],
  [{ genres: { $any: ['a', 5] } }, /`genres`, \$any/],
  [{ genres: { $in: [['a']] } }, /`genres`, \$in/],
  [{ genres: ['a', 5] }, /`genres`, \$eq/],
  [{ title: { $exists: 1 } }, /`title`, \$exists.*expected true or false; received 1/],
  [{ studio: { $not: 'Fox' } }, /To exclude a value, use \$ne/],
  [{ loose: Symbol('a') }, /received a symbol/],
  [{ loose: { $in: [() => 1] } }, /received a function/],
  [{ loose: /a/ }, /received an instance of RegExp/],
  [{ loose: new Condition() }, /received an instance of Condition/],
  [{ loose: { $eq: { a: [undefined] } } }, /received undefined/],
  [{ loose: { $gt: [1] } }, /received an array of 1/],
  [{ loose: new Date() }, /Declare the field as datetime/],
]);

refuses('an operator suits the type of its field', 'INVALID_FILTER', [
  [{ seen: { $gt: false } }, /a field of type boolean does not take \$gt; expected one of \$eq, \$ne, \$in/],
  [{ year: { $contains: 1 } }, /a field of type integer does not take \$contains/],
  [{ year: { $within: {} } }, /a field of type integer does not take \$within/],
  [{ place: { $gt: [0, 0] } }, /a field of type geo does not take \$gt/],
  [{ place: { $in: [[0, 0]] } }, /a field of type geo does not take \$in/],
  [{ poster: './p.jpg' }, /a field of type image does not take \$eq; expected one of \$exists/],
  [{ clip: { $ne: 'a' } }, /a field of type audio does not take \$ne/],
]);

refuses('a missing value is asked for by $exists', 'INVALID_FILTER', [
  [{ year: null }, /received null. To find records without the field, use \{ \$exists: false \}/],
  [{ year: undefined }, /received undefined.*\$exists: false/],
  [{ year: { $ne: null } }, /\$exists: false/],
  [{ year: { $gt: undefined } }, /\$exists: false/],
  [{ studio: { $in: ['a', null] } }, /\$exists: false/],
  [{ loose: null }, /\$exists: false/],
  [{ loose: { $nin: [null] } }, /\$exists: false/],
  [{ released: null }, /\$exists: false/],
]);

refuses('a datetime is a valid Date or unambiguous text', 'INVALID_FILTER', [
  [{ released: new Date(Number.NaN) }, /wrong operand for a datetime field/],
  [{ released: 'yesterday' }, /received "yesterday"/],
  [{ released: '2020-01-31T12:00' }, /Give the whole date, and with a time also Z or an offset/],
  [{ released: { $gt: '2020-02-30' } }, /`released`, \$gt/],
  [{ released: 0 }, /Wrap epoch milliseconds in new Date\(\)/],
]);

refuses('a region is whole and on Earth', 'INVALID_FILTER', [
  [{ place: [0] }, /not a point; expected \[longitude, latitude\]/],
  [{ place: [48.85, 182.35] }, /wrong latitude; expected degrees from -90 to 90; received 182.35/],
  [{ place: [Number.NaN, 0] }, /wrong longitude/],
  [{ place: ['0', '0'] }, /wrong longitude/],
  [{ place: { $within: [0, 0, 1, 1] } }, /not a region/],
  [{ place: { $within: {} } }, /not one region/],
  [{ place: { $within: { center: [0, 0] } } }, /not one region/],
  [{ place: { $within: { center: [0, 0], radius: 1, box: [0, 0, 1, 1] } } }, /not one region/],
  [{ place: { $within: { centre: [0, 0], radius: 1 } } }, /Did you mean `center`\?/],
  [{ place: { $within: { center: [0, 0], radius: -1 } } }, /wrong radius/],
  [{ place: { $within: { center: [0, 0], radius: Infinity } } }, /wrong radius/],
  [{ place: { $within: { center: [0, 91], radius: 1 } } }, /wrong latitude/],
  [{ place: { $within: { box: [0, 10, 1, 0] } } }, /upside down; expected south <= north/],
  [{ place: { $within: { box: [0, 0, 181, 1] } } }, /wrong longitude/],
  [{ place: { $within: { box: [0, 0, 1] } } }, /not a box/],
  [
    {
      place: {
        $within: {
          polygon: [
            [0, 0],
            [1, 1],
          ],
        },
      },
    },
    /at least 3 points/,
  ],
  [
    {
      place: {
        $within: {
          polygon: [
            [0, 0],
            [1, 1],
            [0, 0],
          ],
        },
      },
    },
    /at least 3 points/,
  ],
  [{ place: { $within: { polygon: [] } } }, /at least 3 points/],
  [{ place: { $within: { polygon: [[0, 0], [1, 1], [2]] } } }, /not a point/],
]);

refuses('a path is well formed and stays out of scalar fields', 'INVALID_FILTER', [
  [{ 'year.a': 1 }, /a path cannot descend into a field of type integer/],
  [{ 'genres.0': 'a' }, /a path cannot descend into a field of type keyword\[\]/],
  [{ '': 1 }, /the path has an empty segment/],
  [{ 'extra..a': 1 }, /the path has an empty segment/],
  [{ 'extra.': 1 }, /the path has an empty segment/],
]);

t.test('an error names the field and the operator in its details', async (t) => {
  t.match(refusal({ 'extra.a': { $gt: null } })?.details, { field: 'extra.a', operator: '$gt', received: 'null' });
  t.match(refusal({ $or: [] })?.details, { operator: '$or' });
});

t.test('an undeclared name near a declared one is a name of its own', async (t) => {
  t.equal(refusal({ yaer: 1994 }), undefined);
  t.equal(refusal({ toString: 1, constructor: 1, hasOwnProperty: 1 }), undefined);
});

t.test('a filter nests 64 deep and no deeper', async (t) => {
  const nest = (levels: number, wrap: (inner: object) => object) => {
    let filter: object = { year: 1 };
    for (let level = 0; level < levels; level++) filter = wrap(filter);
    return filter;
  };
  for (const wrap of [
    (inner: object) => ({ $not: inner }),
    (inner: object) => ({ $and: [inner] }),
    (inner: object) => ({ $or: [inner, { seen: true }] }),
  ]) {
    t.equal(refusal(nest(64, wrap)), undefined);
    for (const levels of [65, 100_000]) {
      t.match(refusal(nest(levels, wrap)), { code: 'FILTER_TOO_DEEP', message: /expected at most 64 levels/ });
    }
  }
  let operators: object = { $eq: 1 };
  let data: unknown = 1;
  for (let level = 0; level < 100_000; level++) {
    operators = { $not: operators };
    data = level % 2 === 0 ? [data] : { a: data };
  }
  t.match(refusal({ year: operators }), { code: 'FILTER_TOO_DEEP' });
  t.match(refusal({ loose: { $eq: data } }), { code: 'FILTER_TOO_DEEP' });
});

t.test('a filter that contains itself is refused', async (t) => {
  const filter: Record<string, unknown> = { year: 1 };
  filter.$and = [{ $not: filter }];
  t.match(refusal(filter), { code: 'INVALID_FILTER', message: /contains itself/ });
  const list: unknown[] = [1];
  list.push(list);
  t.match(refusal({ loose: { $eq: list } }), { code: 'INVALID_FILTER', message: /contains itself/ });
  const operators: Record<string, unknown> = {};
  operators.$not = operators;
  t.match(refusal({ year: operators }), { code: 'INVALID_FILTER', message: /contains itself/ });
});

t.test('a list holds 65 536 values and no more', async (t) => {
  const numbers = Array.from({ length: 65_536 }, (_, at) => at);
  t.equal(refusal({ year: { $in: numbers } }), undefined);
  t.equal(refusal({ loose: { $all: numbers } }), undefined);
  const more = [...numbers, 0];
  const region = { polygon: Array.from({ length: 65_537 }, () => [0, 0]) };
  for (const input of [{ year: { $in: more } }, { loose: more }, { $or: more }, { place: { $within: region } }]) {
    t.match(refusal(input), { code: 'INVALID_FILTER', message: /at most 65536 values/ });
  }
  t.match(refusal({ year: { $in: Array(4_000_000_000) } }), { code: 'INVALID_FILTER' }, 'nor does a sparse one');
});

t.test('a filter holds 131 072 conditions and values and no more', async (t) => {
  const numbers = Array.from({ length: 65_000 }, (_, at) => at);
  const lists = (count: number) => ({ $or: Array.from({ length: count }, () => ({ year: { $in: numbers } })) });
  t.equal(refusal(lists(2)), undefined);
  t.match(refusal(lists(3)), { code: 'INVALID_FILTER', message: /at most 131072 conditions and values/ });
});

t.test('a filter that unfolds from shared objects is refused before it fills the memory', async (t) => {
  let filter: object = { year: 1 };
  for (let level = 0; level < 40; level++) filter = { $or: [filter, filter] };
  t.match(refusal(filter), { code: 'INVALID_FILTER', message: /the filter is too large/ });
});
