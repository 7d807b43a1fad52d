import t from 'tap';
import {
  compileFilter,
  estimateFilter,
  parseFilter,
  type Cardinality,
  type Condition,
} from '@nearfield/engine/internals/filter/index';
import { RANDOM_FIELDS, randomFilter, randomRecord, seededRandom } from './random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 29);
const RECORDS = 80;

t.test(`the number of matches lies within its bounds (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  let decided = 0;
  for (let at = 0; at < 1500; at++) {
    const records = Array.from({ length: RECORDS }, () => randomRecord(random));
    const count = (filter: Condition | ReturnType<typeof parseFilter>) => {
      const passes = compileFilter(
        filter,
        (field) => (row) => (Object.hasOwn(records[row], field) ? records[row][field] : undefined),
      );
      return records.filter((_, row) => passes(row)).length;
    };
    // Some conditions are known exactly, of others no more than an interval round the number.
    const estimate = (condition: Condition): Cardinality => {
      const exact = count(condition);
      const [below, above] = random() < 0.5 ? [0, 0] : [Math.floor(random() * 30), Math.floor(random() * 30)];
      return { min: Math.max(0, exact - below), expected: exact, max: Math.min(RECORDS, exact + above) };
    };
    const filter = parseFilter(randomFilter(random), RANDOM_FIELDS);
    const { min, expected, max } = estimateFilter(filter, RECORDS, estimate);
    const actual = count(filter);
    if (min === max) decided++;
    if (0 <= min && min <= actual && actual <= max && max <= RECORDS && min <= expected && expected <= max) continue;
    t.fail(`${min} <= ${actual} <= ${max}, expected ${expected}`, { filter });
    return;
  }
  t.ok(decided > 0);
});

t.test('independent conditions are expected to meet as often as their shares say', async (t) => {
  const half: Cardinality = { min: 500, expected: 500, max: 500 };
  const parse = (input: unknown) => parseFilter(input, { a: 'integer', b: 'integer' });
  t.same(
    estimateFilter(parse({ a: 1, b: 1 }), 1000, () => half),
    { min: 0, expected: 250, max: 500 },
  );
  t.same(
    estimateFilter(parse({ $or: [{ a: 1 }, { b: 1 }] }), 1000, () => half),
    { min: 500, expected: 750, max: 1000 },
  );
  t.same(
    estimateFilter(parse({ a: { $ne: 1 } }), 1000, () => half),
    half,
  );
  t.same(
    estimateFilter(parse({}), 1000, () => half),
    { min: 1000, expected: 1000, max: 1000 },
  );
  t.same(
    estimateFilter(parse({ $not: {} }), 0, () => half),
    { min: 0, expected: 0, max: 0 },
  );
});
