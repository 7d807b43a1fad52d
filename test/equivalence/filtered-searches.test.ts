import t from 'tap';
import type { Collection, Query, SchemaInput } from '@nearfield/engine';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { naiveMatches } from '../engine/filter/naive-filter.js';
import { seededRandom } from '../engine/filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 53);
const SEARCHES = 20_000;
const ROUNDS = 10;
const FILTERS = 20;
const DIMENSIONS = 8;
/** So small that there are several sealed segments beside unsealed vectors. */
const LIMITS = { ...POLICY_LIMITS, flatBytes: 300 * DIMENSIONS * 4, idleBytes: 1024, minVectors: 24 };
const FIELDS = { n: 'integer', word: 'keyword' } as const;
const WORDS = ['ash', 'birch', 'cedar', 'elm', 'fir', 'oak'];
const SPACES = ['plain', 'bytes', 'bits'] as const;
const STRATEGIES = [undefined, 'scan', 'scan-matching', 'walk', 'walk-inside'] as const;

interface Row {
  readonly id: number;
  readonly n: number;
  readonly word: string;
  readonly vector: Float32Array;
}

const random = seededRandom(SEED);
const below = (end: number): number => Math.floor(random() * end);

/** Small integers, so that squared distances are exact, and ties common. */
function vector(): Float32Array {
  return Float32Array.from({ length: DIMENSIONS }, () => below(10));
}

/** The vectors of some filters lie together: a record's word follows from its place. */
function row(id: number): Row {
  const value = vector();
  const word = WORDS[Math.floor((value[0] / 10) * WORDS.length)];
  return { id, n: below(1000), word, vector: value };
}

function filter(): Record<string, unknown> {
  const most = 2 ** (random() * 10);
  const from = below(1000);
  const shapes = [
    () => ({ n: { $lt: most } }),
    () => ({ n: { $gte: from, $lt: from + most } }),
    () => ({ word: WORDS[below(WORDS.length)] }),
    () => ({ word: { $in: [WORDS[below(WORDS.length)], WORDS[below(WORDS.length)]] }, n: { $gte: from } }),
    () => ({ $or: [{ word: 'oak', n: { $lt: most } }, { n: from }] }),
    () => ({ $not: { n: { $lt: most } } }),
    () => ({ n: -1 }),
  ];
  return shapes[below(shapes.length)]();
}

function scoreOf(a: Float32Array, b: Float32Array): number {
  return -Math.fround(Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)));
}

/** The exact answer, written as plainly as possible. */
function naive(matching: readonly Row[], value: Float32Array): readonly { id: number; score: number }[] {
  return matching
    .map(({ id, vector: other }) => ({ id, score: scoreOf(value, other) }))
    .sort((a, b) => b.score - a.score || a.id - b.id);
}

async function change(rows: Collection, model: Map<number, Row>, round: number): Promise<void> {
  const added = Array.from({ length: 300 }, () => row(below(2500)));
  for (const one of added) model.set(one.id, one);
  const last = added.filter(({ id, vector: value }) => model.get(id)!.vector === value);
  const records = last.map(({ vector: value, ...fields }) => ({
    ...fields,
    vectors: Object.fromEntries(SPACES.map((space) => [space, value])),
  }));
  await rows.upsert(records);
  const gone = [...model.keys()].filter(() => random() < 0.05 * (round % 3));
  for (const id of gone) model.delete(id);
  if (gone.length > 0) await rows.delete(gone);
}

/** What is wrong with an answer, and how much of the exact one it holds. */
async function check(rows: Collection, matching: readonly Row[], query: Query, value: Float32Array) {
  const { hits, info } = await rows.search(query);
  const truth = naive(matching, value);
  const { limit = 10, offset = 0 } = query;
  const page = truth.slice(offset, offset + limit);
  const wrong: string[] = [];
  if (hits.length !== page.length) wrong.push(`${hits.length} hits in place of ${page.length}`);
  const { min, max } = typeof info.matches === 'number' ? { min: info.matches, max: info.matches } : info.matches;
  if (!(min <= matching.length && matching.length <= max)) wrong.push(`matches ${min} to ${max}`);
  const known = new Map(truth.map(({ id, score }) => [id, score]));
  for (const { id, score } of hits) if (known.get(id as number) !== score) wrong.push(`hit ${id} with ${score}`);
  const isSame = hits.every(({ id, score }, i) => id === page[i]?.id && score === page[i].score);
  if ((query.exact === true || info.exact) && !isSame) wrong.push('not the exact answer');
  const least = page.at(-1)?.score ?? 0;
  const right = hits.filter(({ score }) => score >= least).length;
  return { wrong, recall: page.length === 0 ? 1 : right / page.length, approximate: !info.exact, info };
}

t.test(`${SEARCHES} filtered searches give what there is, of what matches (NEARFIELD_SEED=${SEED})`, async (t) => {
  const db = await openWith(':memory:', { threads: 1 }, LIMITS);
  t.teardown(() => db.close());
  const vectors = Object.fromEntries(
    (['none', 'int8', 'binary'] as const).map((quantization, i) => [
      SPACES[i],
      { dimensions: DIMENSIONS, metric: 'euclidean' as const, quantization, hnsw: { m: 8, efConstruction: 40 } },
    ]),
  );
  const schema: SchemaInput = { fields: FIELDS, vectors };
  const rows: Collection = await db.collection('rows', schema);
  const model = new Map<number, Row>();
  const seen = new Map<string, number>();
  let [approximate, recalls] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    for (let batch = 0; batch < 4; batch++) await change(rows, model, round);
    if (round % 2 === 0) await db.optimize();
    if (round % 2 === 0) await change(rows, model, round);
    for (let i = 0; i < FILTERS; i++) {
      const passing = filter();
      const matching = [...model.values()].filter((one) =>
        naiveMatches(passing, { id: one.id, n: one.n, word: one.word }, FIELDS),
      );
      const queries = Array.from({ length: SEARCHES / ROUNDS / FILTERS }, () => {
        const value = vector();
        const strategy = STRATEGIES[below(STRATEGIES.length)];
        const exact = random() < 0.2;
        const near = { vector: SPACES[below(SPACES.length)], value };
        const [limit, offset] = [1 + below(20), random() < 0.2 ? below(10) : 0];
        const query = { near, filter: passing, limit, offset, exact, strategy, effort: 64, select: [] };
        return { query, value };
      });
      const answers = await Promise.all(
        queries.map(({ query, value }) => check(rows, matching, query as unknown as Query, value)),
      );
      for (const [at, answer] of answers.entries()) {
        if (answer.wrong.length > 0) {
          const { near: _near, ...query } = queries[at].query;
          t.fail(answer.wrong.join('; '), { query, info: answer.info, matching: matching.length });
          return;
        }
        seen.set(answer.info.strategy, (seen.get(answer.info.strategy) ?? 0) + 1);
        if (answer.approximate) [approximate, recalls] = [approximate + 1, recalls + answer.recall];
      }
    }
  }
  for (const strategy of [
    'no-match',
    'exact-scan',
    'matching-scan',
    'filtered-walk',
    'inside-walk',
    'exact-completion',
  ])
    t.ok(seen.has(strategy), `${strategy} was met ${seen.get(strategy)} times`);
  t.ok(recalls / approximate > 0.85, `approximate answers reach ${(recalls / approximate).toFixed(3)}`);
});
