import t from 'tap';
import { RowMatcher } from '@nearfield/engine/internals/execute/match-rows';
import { RowValues } from '@nearfield/engine/internals/execute/row-values';
import { parseFilter, type FilterInput } from '@nearfield/engine/internals/filter/index';
import { parseSchema } from '@nearfield/engine/internals/schema/index';
import { RecordTable } from '@nearfield/engine/internals/segment/index';
import type { CollectionStore } from '@nearfield/engine/internals/store/index';
import { naiveMatches } from '../filter/naive-filter.js';
import { seededRandom, type Random } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 61);
/** More than two blocks of numbers. */
const ROWS = 9000;

const FIELDS = {
  city: 'keyword',
  year: 'integer',
  price: 'float',
  tags: 'keyword[]',
  open: 'boolean',
  place: 'geo',
  extra: 'json',
} as const;
const SCHEMA = parseSchema({ fields: FIELDS });
const VECTORS = new Map<string, never>();

const whole = (random: Random, size: number) => Math.floor(random() * size);
/** Some are frequent, most are rare. */
const skewed = (random: Random, size: number) => Math.floor(size ** random()) - 1;

function randomRow(random: Random): Record<string, unknown> {
  const row: Record<string, unknown> = {
    city: `city ${skewed(random, 300)}`,
    year: 1900 + whole(random, 120),
    price: random() * 100,
    tags: Array.from({ length: whole(random, 4) }, () => `tag ${skewed(random, 100)}`),
    open: random() < 0.3,
    place: [random() * 20, random() * 20],
    extra: { a: whole(random, 5) },
  };
  for (const field of Object.keys(row)) if (random() < 0.1) delete row[field];
  return row;
}

function randomClause(random: Random, depth: number): FilterInput {
  const kinds = [
    () => ({ city: `city ${skewed(random, 400)}` }),
    () => ({ city: { $in: Array.from({ length: 3 }, () => `city ${whole(random, 400)}`) } }),
    () => ({ city: { $contains: String(whole(random, 90)) } }),
    () => ({ year: { $gte: 1900 + whole(random, 120), $lt: 1900 + whole(random, 125) } }),
    () => ({ year: { $in: [1900, 1900 + whole(random, 120)] } }),
    () => ({ price: { $gt: random() * 100 } }),
    () => ({ price: { $gt: 50, $lt: 50 + random() } }),
    () => ({ tags: `tag ${skewed(random, 110)}` }),
    () => ({ tags: { $in: ['tag 0', `tag ${whole(random, 100)}`] } }),
    () => ({ open: random() < 0.5 }),
    () => ({ place: { $exists: random() < 0.7 } }),
    () => ({ place: { $within: { center: [random() * 20, random() * 20], radius: 300_000 } } }),
    () => ({ 'extra.a': whole(random, 5) }),
    () => ({ [random() < 0.5 ? '$or' : '$and']: [randomClause(random, depth + 1), randomClause(random, depth + 1)] }),
    () => ({ $not: randomClause(random, depth + 1) }),
  ];
  return kinds[whole(random, depth < 2 ? kinds.length : kinds.length - 2)]() as FilterInput;
}

t.test(`rows are those of the naive evaluator, be they few or many (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const table = new RecordTable({ id: 1, name: 'rows', schema: SCHEMA, spaces: [] });
  const rows: Record<string, unknown>[] = [];
  const append = () => {
    const payload = randomRow(random);
    rows.push(payload);
    table.append({ key: rows.length, id: rows.length, payload, vectors: VECTORS });
  };
  // `extra` is read from records.
  const store = { payload: (key: number) => rows[key - 1] } as unknown as CollectionStore;
  while (rows.length < ROWS / 2) append();
  let few = 0;
  for (let at = 0; at < 300; at++) {
    for (let i = 0; i < ROWS / 600; i++) append();
    table.remove({ key: 1 + whole(random, rows.length), vectors: VECTORS });
    const clauses = Array.from({ length: 1 + whole(random, 3) }, () => randomClause(random, 0));
    const input = { $and: clauses } as FilterInput;
    const before = rows.length;
    const steps = new RowMatcher(new RowValues(table, store), false).match(parseFilter(input, FIELDS), table.alive);
    let step = steps.next();
    // What comes and dies between the steps does not disturb the others.
    for (let i = 0; step.done !== true; step = steps.next(), i++) if (i === 0) append();
    const found = [...step.value.toArray()].filter((row) => row < before && table.alive.has(row));
    const expected = rows.flatMap((row, i) =>
      i < before && table.alive.has(i) && naiveMatches(input, row, FIELDS) ? [i] : [],
    );
    if (expected.length > 0 && expected.length < before / 16) few++;
    if (String(found) === String(expected)) continue;
    t.same(found, expected, `filter ${at}`, { input });
    return;
  }
  t.ok(few > 50, 'many leave few rows', { few });
});
