import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { open, type Collection, type Database, type RecordId } from '@nearfield/engine';
import { WordEncoder } from '../engine/small-encoders.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 51);

const SCHEMA = {
  fields: { text: 'text', n: 'integer', tags: 'keyword[]', plain: { type: 'keyword', index: false } },
  vectors: {
    v: { dimensions: 2, metric: 'euclidean' },
    words: { from: ['text'], encoder: new WordEncoder(), bm25: { k1: 1, b: 0.5 } },
  },
} as const;

interface Row {
  id: RecordId;
  text?: string;
  n?: number;
  tags?: string[];
  plain?: string;
  vectors?: { v: Float32Array | Float32Array[] };
}

const WORDS = ['red', 'green', 'blue', 'red red', 'blue green red', ''];
const id = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }).map(String));
const tags = fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 });
const vector = fc
  .tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }))
  .map(([x, y]) => Float32Array.of(x, y));
const vectors = fc.record({ v: fc.oneof(vector, fc.array(vector, { minLength: 1, maxLength: 4 })) });
const changes = fc.record(
  {
    text: fc.constantFrom(...WORDS),
    n: fc.integer({ min: -2, max: 2 }),
    tags,
    plain: fc.constantFrom('p', 'q'),
    vectors,
  },
  { requiredKeys: [] },
);
const row: fc.Arbitrary<Row> = fc.tuple(id, changes).map(([id, rest]) => ({ ...rest, id }));
const rows = fc.array(row, { maxLength: 6 });

type Step =
  | { readonly kind: 'upsert' | 'add' | 'stream'; readonly rows: readonly Row[] }
  | { readonly kind: 'update'; readonly id: RecordId; readonly changes: Omit<Row, 'id'>; readonly remove: boolean }
  | { readonly kind: 'delete'; readonly ids: readonly RecordId[] }
  | { readonly kind: 'deleteWhere'; readonly n: number }
  | { readonly kind: 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('upsert', 'add', 'stream'), rows }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('update'), id, changes, remove: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), ids: fc.array(id, { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteWhere'), n: fc.integer({ min: -2, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen') }) },
);

/** The same steps over a Map, and the answers that follow from it. */
class Model {
  readonly rows = new Map<RecordId, Row>();

  /** What the call resolves to, or the code that it is refused with. */
  apply(step: Step): unknown {
    switch (step.kind) {
      case 'upsert':
      case 'stream':
        return this.#write(step.rows);
      case 'add':
        return step.rows.some(({ id }) => this.rows.has(id)) ? 'ID_EXISTS' : this.#write(step.rows);
      case 'update': {
        const before = this.rows.get(step.id);
        if (before === undefined) return 'RECORD_NOT_FOUND';
        const after = { ...before, ...step.changes };
        if (step.remove) delete after.text;
        this.rows.set(step.id, after);
        return { count: 1 };
      }
      case 'delete':
        return { count: step.ids.filter((id) => this.rows.delete(id)).length };
      case 'deleteWhere': {
        const matching = [...this.rows.values()].filter(({ n }) => n === step.n);
        for (const { id } of matching) this.rows.delete(id);
        return { count: matching.length };
      }
      case 'reopen':
        return undefined;
      default:
        return step satisfies never;
    }
  }

  #write(rows: readonly Row[]): unknown {
    const distinct = new Map(rows.map((row) => [row.id, row]));
    for (const [id, row] of distinct) this.rows.set(id, row);
    return { count: distinct.size };
  }

  /** Ids, scores, and the part where there are several. */
  nearest(x: number, y: number): (RecordId | number)[][] {
    const distances = ({ vectors }: Row) => partsOf(vectors?.v).map((v) => Math.fround(Math.hypot(v[0] - x, v[1] - y)));
    return this.#ranked((row) => (row.vectors === undefined ? undefined : -Math.min(...distances(row)))).map((hit) => {
      const all = distances(this.rows.get(hit[0])!);
      return all.length === 1 ? hit : [...hit, all.indexOf(Math.min(...all))];
    });
  }

  /** BM25 of one word, from the formula. */
  holding(word: string): [RecordId, number][] {
    const words = (row: Row) => (row.text ?? '').split(' ').filter((part) => part !== '');
    const documents = [...this.rows.values()].map(words).filter(({ length }) => length > 0);
    const mean = documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
    const containing = documents.filter((document) => document.includes(word)).length;
    const idf = Math.log(1 + (documents.length - containing + 0.5) / (containing + 0.5));
    return this.#ranked((row) => {
      const frequency = words(row).filter((part) => part === word).length;
      if (frequency === 0) return undefined;
      return (idf * frequency * 2) / (frequency + 1 - 0.5 + (0.5 * words(row).length) / mean);
    });
  }

  #ranked(scoreOf: (row: Row) => number | undefined): [RecordId, number][] {
    const scored: [RecordId, number][] = [];
    for (const row of this.rows.values()) {
      const score = scoreOf(row);
      if (score !== undefined) scored.push([row.id, Number(score.toFixed(4)) + 0]);
    }
    return scored.sort(([a, x], [b, y]) => y - x || compareIds(a, b));
  }
}

function compareIds(a: RecordId, b: RecordId): number {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
}

function partsOf(v: Float32Array | Float32Array[] | undefined): Float32Array[] {
  return v === undefined ? [] : Array.isArray(v) ? v : [v];
}

type Rows = Collection<typeof SCHEMA>;

async function call(rows: Rows, step: Exclude<Step, { kind: 'reopen' }>): Promise<unknown> {
  switch (step.kind) {
    case 'upsert':
      return rows.upsert(step.rows);
    case 'stream':
      return rows.upsert(new Set(step.rows));
    case 'add':
      return rows.add(step.rows);
    case 'update':
      return rows.update(step.id, step.remove ? { ...step.changes, text: null } : step.changes);
    case 'delete':
      return rows.delete(step.ids);
    case 'deleteWhere':
      return rows.delete({ filter: { n: step.n } });
    default:
      return step satisfies never;
  }
}

/** Every answer that the collection and the model must share. */
async function answers(rows: Rows): Promise<unknown> {
  const scanned: unknown[] = [];
  for await (const row of rows.scan({ vectors: true })) scanned.push(withoutEmpty(row));
  const brief = ({ hits }: Awaited<ReturnType<Rows['search']>>) =>
    hits.map(({ id, score, scores }) => {
      const [{ part }] = Object.values(scores);
      return [id, Number(score.toFixed(4)) + 0, ...(part === undefined ? [] : [part])];
    });
  return {
    scanned,
    count: await rows.count(),
    filtered: await rows.count({ tags: 'x', plain: { $ne: 'q' }, n: { $gte: 0 } }),
    nearest: brief(await rows.search({ near: { vector: 'v', value: Float32Array.of(1, 0.5) }, limit: 100 })),
    red: brief(await rows.search({ near: { vector: 'words', text: 'red' }, limit: 100 })),
    got: withoutEmpty((await rows.get(3, { vectors: true })) ?? {}),
  };
}

function expectedAnswers(model: Model): unknown {
  const all = [...model.rows.values()].sort((a, b) => compareIds(a.id, b.id));
  return {
    scanned: all.map(withoutEmpty),
    count: all.length,
    filtered: all.filter(({ tags, plain, n }) => tags?.includes('x') && plain !== 'q' && n !== undefined && n >= 0)
      .length,
    nearest: model.nearest(1, 0.5),
    red: model.holding('red'),
    got: withoutEmpty(model.rows.get(3) ?? {}),
  };
}

/** With the vectors as plain lists, so that both sides compare as JSON. */
function withoutEmpty({ vectors, ...rest }: { vectors?: { v?: Float32Array | Float32Array[] } }): unknown {
  const entries = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  // A list of one comes back as the one.
  const lists = partsOf(vectors?.v).map((v) => [...v]);
  return { ...Object.fromEntries(entries), v: lists.length === 1 ? lists[0] : lists };
}

t.test(`random steps leave what the same steps leave in a Map (NEARFIELD_SEED=${SEED})`, async (t) => {
  const folder = t.testdir();
  let run = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
    const path = join(folder, `${run++}.nf`);
    const model = new Model();
    let db: Database = await open(path, { durability: 'relaxed' });
    let rows: Rows = await db.collection('rows', SCHEMA);
    try {
      for (const [at, step] of steps.entries()) {
        if (step.kind === 'reopen') {
          await db.close();
          db = await open(path, { durability: 'relaxed' });
          rows = await db.collection('rows', SCHEMA);
        } else {
          const expected = model.apply(step);
          const result = await call(rows, step).catch((error: { code: string }) => error.code);
          equal(result, expected, at);
        }
        if (at % 3 === 0 || at === steps.length - 1) equal(await answers(rows), expectedAnswers(model), at);
      }
    } finally {
      await db.close();
    }
  });
  await t.resolves(fc.assert(property, { seed: SEED, numRuns: 120 }));
});

function equal(actual: unknown, expected: unknown, step: number): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`step ${step}: the collection says ${a}, the model says ${b}`);
}
