import t from 'tap';
import { open, type FilterInput, type RecordId } from '@nearfield/engine';
import { naiveMatches } from '../engine/filter/naive-filter.js';
import {
  RANDOM_FIELDS,
  randomFilter,
  randomRecord,
  seededRandom,
  type Random,
} from '../engine/filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 41);
const FILTERS = 10_000;
const RECORDS = 60;
/** Filters between two changes of the records. */
const ROUND = 500;

type Row = Record<string, unknown> & { id: RecordId; vectors: { v: Float32Array } };

/** Half of the fields are read from column indexes, half from the stored records. */
const SCHEMA = {
  fields: {
    ...RANDOM_FIELDS,
    studio: { type: 'keyword', index: false },
    year: { type: 'integer', index: false },
    released: { type: 'datetime', index: false },
    place: { type: 'geo', index: false },
  },
  vectors: { v: { dimensions: 2, metric: 'dot' } },
} as const;

function randomRow(random: Random, id: RecordId): Row {
  // A record that is there for everyone has a vector, so that a search can find all that match.
  return { ...randomRecord(random), id, vectors: { v: Float32Array.of(random() * 2 - 1, random()) } };
}

const ids = (rows: readonly { id: RecordId }[]) => rows.map(({ id }) => String(id)).sort();

t.test(`10 000 random filters find the records of the naive evaluator (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  const doomed = await db.collection('doomed', SCHEMA);
  const model = new Map<RecordId, Row>();
  let deleted = 0;
  for (let at = 0; at < FILTERS; at++) {
    if (at % ROUND === 0) {
      for (let i = 0; i < RECORDS; i++) {
        const id = i % 3 === 0 ? `s${i}` : i;
        model.set(id, randomRow(random, id));
      }
      await rows.upsert([...model.values()]);
      await doomed.upsert([...model.values()]);
    }
    const filter = randomFilter(random) as FilterInput;
    const matching = [...model.values()].filter((row) => naiveMatches(filter, row, RANDOM_FIELDS));
    const expected = ids(matching);
    const searched = await rows.search({
      near: { vector: 'v', value: Float32Array.of(1, 1) },
      filter,
      limit: 1000,
      select: [],
    });
    const scanned: { id: RecordId }[] = [];
    for await (const row of rows.scan({ filter, select: [] })) scanned.push(row);
    const count = (await doomed.delete({ filter })).count;
    const left: { id: RecordId }[] = [];
    for await (const row of doomed.scan({ select: [] })) left.push(row);
    await doomed.upsert(matching);
    deleted += count;
    const answers = {
      search: ids(searched.hits),
      matches: searched.info.matches,
      count: await rows.count(filter),
      scan: ids(scanned),
      deleted: count,
      left: ids(left),
    };
    const right = {
      search: expected,
      matches: expected.length,
      count: expected.length,
      scan: expected,
      deleted: expected.length,
      left: ids([...model.values()].filter((row) => !matching.includes(row))),
    };
    if (JSON.stringify(answers) === JSON.stringify(right)) continue;
    t.same(answers, right, `filter ${at} of seed ${SEED}`, { filter });
    return;
  }
  t.ok(deleted > FILTERS, 'the filters find something', { deleted });
});

t.test('a filter written in five ways has the same hits and the same plan', async (t) => {
  const random = seededRandom(SEED);
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(Array.from({ length: 400 }, (_, id) => randomRow(random, id)));
  for (let at = 0; at < 40; at++) {
    const [a, b] = [randomFilter(random, 1) as FilterInput, randomFilter(random, 1) as FilterInput];
    const spellings: FilterInput[] = [
      { $or: [a, b] },
      { $or: [b, { $or: [a, b] }] },
      { $not: { $not: { $or: [a, b] } } },
      { $not: { $and: [{ $not: b }, { $not: a }] } },
      { $and: [{ $or: [a, b] }, { $or: [b, a] }] },
    ];
    const near = { vector: 'v', value: Float32Array.of(1, random()) } as const;
    const answers = [];
    for (const filter of spellings) {
      const { hits } = await rows.search({ near, filter, limit: 20, select: [] });
      answers.push({ hits, plan: await rows.explain({ near, filter, limit: 20 }), count: await rows.count(filter) });
    }
    for (const answer of answers) t.same(answer, answers[0]);
  }
});
