import t from 'tap';
import { parseFilter, type Condition, type Filter } from '@nearfield/engine/internals/filter/index';
import { Bitset, createColumn, type Steps } from '@nearfield/engine/internals/indexes/index';
import type { FieldType } from '@nearfield/engine/internals/schema/field-type';
import { naiveMatches } from '../filter/naive-filter.js';
import { randomRegion, seededRandom, type Random } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);

interface Case {
  readonly name: string;
  readonly type: FieldType;
  readonly rows: number;
  value(random: Random): unknown;
  condition(random: Random): unknown;
}

const pick = <Value>(random: Random, values: readonly Value[]): Value => values[Math.floor(random() * values.length)];
const whole = (random: Random, size: number) => Math.floor(random() * size);
const ORDER = ['$gt', '$gte', '$lt', '$lte'] as const;

function numbers(value: (random: Random) => unknown) {
  return (random: Random): unknown => {
    const chance = random();
    if (chance < 0.6) return { [pick(random, ORDER)]: value(random) };
    if (chance < 0.7) return { $in: Array.from({ length: whole(random, 80) + 1 }, () => value(random)) };
    return value(random);
  };
}

function strings(value: (random: Random) => string, part: (random: Random) => string) {
  const compared = numbers(value);
  return (random: Random): unknown => (random() < 0.3 ? { $contains: part(random) } : compared(random));
}

const year = (random: Random) => 1900 + whole(random, 120);
const bound = (random: Random) => pick(random, [year(random), year(random) + 0.5, -1e300, 1e300, 0]);
const float = (random: Random) => pick(random, [random(), random() * 1e9, -random(), 0, -0, 5e-324, 1e300]);
const date = (random: Random) => new Date(whole(random, 4000) * 86_400_000 - 1e11);
const common = (random: Random) => `word ${whole(random, random() < 0.9 ? 4 : 60)}`;
const rare = (random: Random) => `name ${whole(random, 2000)}`;
const place = (random: Random): [number, number] =>
  random() < 0.3
    ? [pick(random, [-180, 180, 0, 179.9]), pick(random, [-90, 90, 0])]
    : [random() * 360 - 180, random() * 180 - 90];

/** More than two blocks of numbers, and dense as well as rare keywords. */
const CASES: readonly Case[] = [
  { name: 'small integers', type: 'integer', rows: 9000, value: year, condition: numbers(bound) },
  {
    name: 'integers of all sizes',
    type: 'integer',
    rows: 9000,
    value: (random) => pick(random, [year(random), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 31]),
    condition: numbers((random) => pick(random, [year(random), 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1])),
  },
  { name: 'floats', type: 'float', rows: 9000, value: float, condition: numbers(float) },
  { name: 'dates', type: 'datetime', rows: 9000, value: date, condition: numbers(date) },
  { name: 'frequent keywords', type: 'keyword', rows: 4000, value: common, condition: strings(common, common) },
  {
    name: 'rare keywords',
    type: 'keyword',
    rows: 4000,
    value: rare,
    condition: strings(rare, (random) => String(whole(random, 200))),
  },
  { name: 'texts', type: 'text', rows: 2000, value: rare, condition: strings(rare, () => 'name 1') },
  {
    name: 'lists of keywords',
    type: 'keyword[]',
    rows: 4000,
    value: (random) => Array.from({ length: whole(random, 5) }, () => common(random)),
    condition: (random) => {
      if (random() > 0.4) return strings(common, common)(random);
      return Array.from({ length: whole(random, 3) }, () => common(random));
    },
  },
  {
    name: 'booleans',
    type: 'boolean',
    rows: 2000,
    value: (random) => random() < 0.2,
    condition: (random) => pick(random, [true, false, { $in: [true, false] }]),
  },
  {
    name: 'places all over the Earth',
    type: 'geo',
    rows: 3000,
    value: place,
    condition: (random) => (random() < 0.1 ? place(random) : { $within: randomRegion(random) }),
  },
  {
    name: 'places in one town',
    type: 'geo',
    rows: 3000,
    value: (random) => [2.2 + random() / 3, 48.7 + random() / 3],
    condition: (random) => ({
      $within: { center: [2.2 + random() / 3, 48.7 + random() / 3], radius: random() ** 2 * 9000 },
    }),
  },
  {
    name: 'json',
    type: 'json',
    rows: 2000,
    value: (random) => pick(random, [1, 2, 'a', [1, 2], { a: 1 }]),
    condition: (random) => pick(random, [1, 'a', { $gt: 1 }, { $eq: { a: 1 } }, { $contains: 2 }]),
  },
];

function finished<Result>(steps: Steps<Result>): Result {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/** The conditions that a filter is made of. */
function conditionsOf(filter: Filter): Condition[] {
  switch (filter.kind) {
    case 'all':
    case 'none':
      return [];
    case 'and':
    case 'or':
      return filter.children.flatMap(conditionsOf);
    case 'not':
      return conditionsOf(filter.child);
    default:
      return [filter];
  }
}

for (const { name, type, rows, value, condition } of CASES) {
  t.test(`a column of ${name} matches as the naive evaluator does (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED);
    const column = createColumn(type);
    const records = Array.from({ length: rows }, () => (random() < 0.85 ? { f: value(random) } : {}));
    const filters = Array.from({ length: 60 }, (_, at) => ({ f: at === 0 ? { $exists: true } : condition(random) }));
    let appended = 0;
    let found = 0;
    let lists = 0;
    for (const [at, filter] of filters.entries()) {
      // What was just added is found, and a bound below it keeps it out.
      const end = Math.ceil((rows * (at + 1)) / filters.length);
      for (; appended < end; appended++) column.append(appended, (records[appended] as { f?: unknown }).f);
      const limit = at % 3 === 0 ? whole(random, end + 1) : end;
      const [parsed] = conditionsOf(parseFilter(filter, { f: type }));
      if (parsed === undefined) continue;
      const into = new Uint32Array(Math.ceil(limit / 32));
      finished(column.match(parsed, limit, into));
      const answer = Bitset.of(into)
        .toArray()
        .filter((row) => row < limit);
      const passing = records.slice(0, end).map((record) => naiveMatches(filter, record, { f: type }));
      const expected = passing.flatMap((passes, row) => (passes && row < limit ? [row] : []));
      found += expected.length;
      const { min, expected: about, max } = column.estimate(parsed);
      const count = passing.filter(Boolean).length;
      const bounded = min <= count && count <= max && min <= about && about <= max;
      const listed = column.list?.(parsed, limit, end);
      if (listed !== undefined) {
        lists++;
        t.same(
          [...listed].sort((a, b) => a - b),
          expected,
          `listed: ${JSON.stringify(filter)}`,
        );
        t.ok(
          count === 0 || column.list?.(parsed, limit, count - 1) === undefined,
          'or not at all, if they are too many',
        );
      }
      for (const holds of [true, false]) {
        // Rows that are not there yet have no value.
        const some = Uint32Array.from({ length: end + 40 }, (_, row) => row).filter(() => random() < 0.3);
        const right = [...some].filter((row) => (passing[row] ?? false) === holds);
        const kept = column.keep?.(parsed, some, holds);
        if (kept !== undefined) t.same([...kept], right, `kept, ${holds}: ${JSON.stringify(filter)}`);
      }
      if (bounded && String(answer) === String(expected)) continue;
      t.same(answer, expected, JSON.stringify(filter));
      t.ok(bounded, `${min} <= ${count} <= ${max}, about ${about}: ${JSON.stringify(filter)}`);
      return;
    }
    t.ok(found > 0, 'the conditions match something', { found });
    t.equal(lists > 0, column.list !== undefined, 'some have their rows as a list', { lists });
  });
}

t.test('values are counted within a set of rows', async (t) => {
  for (const { name, type, value } of CASES) {
    const random = seededRandom(SEED + 1);
    const column = createColumn(type);
    const within = new Bitset();
    const counts = new Map<unknown, number>();
    for (let row = 0; row < 5000; row++) {
      const stored = random() < 0.85 ? value(random) : undefined;
      column.append(row, stored);
      if (row % 32 === 0 || random() < 0.5) continue;
      within.add(row);
      const values = new Set(stored === undefined ? [] : Array.isArray(stored) ? stored : [stored]);
      for (const each of values) {
        const key = typeof each === 'object' || typeof each === 'number' ? Number(each) + 0 : each;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    if (column.countValues === undefined) {
      t.ok(['geo', 'json'].includes(type), `a column of ${name} counts nothing`);
      continue;
    }
    const counted = finished(column.countValues(within.words(5001)));
    const found = Array.from(counted.counts, (count, i) => [counted.values[i], count] as const);
    t.strictSame(new Map(found.filter(([, count]) => count > 0)), counts, name);
  }
});
