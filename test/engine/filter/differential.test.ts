import t from 'tap';
import { canonicalKey, compileFilter, filterFields, parseFilter } from '@nearfield/engine/internals/filter/index';
import { naiveMatches } from './naive-filter.js';
import { RANDOM_FIELDS, randomFilter, randomRecord, seededRandom } from './random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 20_240_517);
const FILTERS = 10_000;
const RECORDS = 50;

t.test(`10 000 random filters pass the same records as the naive evaluator (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const records = Array.from({ length: RECORDS }, () => randomRecord(random));
  const shares: number[] = [];
  for (let at = 0; at < FILTERS; at++) {
    const input = randomFilter(random);
    const filter = parseFilter(input, RANDOM_FIELDS);
    const bound: string[] = [];
    const test = compileFilter(filter, (field) => {
      bound.push(field);
      return (row) => records[row]![field];
    });
    const rows = [...records.keys()];
    const matches = rows.filter((row) => test(row));
    const expected = rows.filter((row) => naiveMatches(input, records[row]!, RANDOM_FIELDS));
    if (matches.join() !== expected.join()) {
      const row = rows.find((row) => matches.includes(row) !== expected.includes(row))!;
      t.same(matches, expected, `filter ${at} of seed ${SEED}`, { input, filter, record: records[row] });
      return;
    }
    if (bound.sort().join() !== filterFields(filter).join()) {
      t.same(bound, filterFields(filter), `fields of filter ${at} of seed ${SEED}`, { input });
      return;
    }
    shares.push(matches.length / RECORDS);
  }
  t.equal(shares.length, FILTERS);
  // The comparison means little if the filters pass all or nothing: every fifth of the range must be common.
  const fifths = [0, 0.2, 0.4, 0.6, 0.8].map(
    (low) => shares.filter((share) => share > low && share <= low + 0.2 && share < 1).length,
  );
  t.ok(Math.min(...fifths) > FILTERS / 25, 'the shares of passing records are spread', { fifths });
  t.ok(shares.filter((share) => share === 0 || share === 1).length < FILTERS / 2, 'most filters pass some, not all');
});

t.test(`a rearranged random filter has the same canonical form (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED + 1);
  const different: unknown[] = [];
  for (let at = 0; at < 2_000; at++) {
    const input = randomFilter(random);
    const variant = rearrange(input, random);
    const [a, b] = [parseFilter(input, RANDOM_FIELDS), parseFilter(variant, RANDOM_FIELDS)];
    const same = JSON.stringify(a) === JSON.stringify(b) && canonicalKey(a) === canonicalKey(b);
    if (!same) different.push({ input, variant });
  }
  t.same(different, []);
});

/** The same filter in other words: clauses in reverse, wrapped, doubled and doubly negated. */
function rearrange(input: Record<string, unknown>, random: () => number): Record<string, unknown> {
  const clauses = Object.entries(input)
    .reverse()
    .map(([key, operand]): Record<string, unknown> => {
      if (key === '$not') return { $not: rearrange(operand as Record<string, unknown>, random) };
      if (key !== '$and' && key !== '$or') return { [key]: operand };
      const children = (operand as Record<string, unknown>[]).map((child) => rearrange(child, random)).reverse();
      return { [key]: [...children, children[0]!] };
    });
  const chance = random();
  if (clauses.length === 0) return chance < 0.5 ? { $and: [{}] } : {};
  if (chance < 0.3) return { $and: clauses };
  if (chance < 0.5) return { $or: [{ $and: clauses }] };
  if (chance < 0.7) return { $not: { $not: { $and: clauses } } };
  return Object.assign({}, ...clauses) as Record<string, unknown>;
}
