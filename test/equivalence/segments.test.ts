import { join } from 'node:path';
import t from 'tap';
import type { Collection, Database, SchemaInput } from '@nearfield/engine';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { seededRandom, type Random } from '../engine/filter/random-filter.js';
import { WalkingQuery, walkWhenAsked } from '../engine/segment/walking-query.js';
import { VectorModel, type Ask, type ModelRecord, type ModelSpace } from './vector-model.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 71);
const OPERATIONS = 100_000;
/** Operations of each lane between two operations on the whole database. */
const ROUND = 1000;
const IDS = 400;

/** So small that segments are sealed, merged and rewritten all the time. */
const LIMITS = {
  ...POLICY_LIMITS,
  flatBytes: 24_576,
  idleBytes: 1024,
  minVectors: 24,
  deadShare: 0.4,
  maxSegments: 3,
};

/** What walks keep on the way (ef), and what those do that recall is measured by. */
const EFFORT = 48;
const CHECKED_EFFORT = 128;

const space = (
  name: string,
  dimensions: number,
  metric: ModelSpace['metric'],
  quantization: ModelSpace['quantization'],
): ModelSpace => ({ name, dimensions, metric, quantization });

/** Each metric with each quantization. */
const SPACES: readonly (readonly ModelSpace[])[] = (['cosine', 'dot', 'euclidean'] as const).map((metric) => [
  space('plain', 15, metric, 'none'),
  space('bytes', 16, metric, 'int8'),
  space('bits', 32, metric, 'binary'),
]);

/** One collection with its model; operations on several of them run at the same time. */
class Lane {
  readonly model = new VectorModel();
  readonly random: Random;
  rows!: Collection;
  done = 0;

  constructor(
    readonly number: number,
    readonly spaces: readonly ModelSpace[],
  ) {
    this.random = seededRandom(SEED + number);
  }

  async open(db: Database): Promise<void> {
    const vectors = this.spaces.map(({ name, dimensions, metric, quantization }) => {
      return [name, { dimensions, metric, quantization, hnsw: { m: 8, efConstruction: 40 } }];
    });
    const schema = { fields: { n: 'integer' }, vectors: Object.fromEntries(vectors) } as SchemaInput;
    this.rows = await db.collection(`lane${this.number}`, schema);
  }

  async run(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      try {
        await this.#operation();
      } catch (error) {
        throw new Error(`lane ${this.number}, operation ${this.done} (NEARFIELD_SEED=${SEED})`, { cause: error });
      }
      this.done++;
    }
  }

  async #operation(): Promise<void> {
    const choice = this.random();
    if (choice < 0.1) return this.#upsert();
    if (choice < 0.14) return this.#add();
    if (choice < 0.22) return this.#update();
    if (choice < 0.28) return this.#delete();
    if (choice < 0.2805) return this.#deleteBelow(this.#below(200));
    if (choice < 0.281) return this.#searchBatch();
    if (choice < 0.6) return this.search(this.#ask(), this.random() < 0.5);
    if (choice < 0.98) return this.#get();
    return this.#count();
  }

  async #upsert(): Promise<void> {
    const records = Array.from({ length: 1 + this.#below(5) }, () => this.#record());
    await this.rows.upsert(records.map(toInput));
    for (const record of records) this.model.records.set(record.id, record);
  }

  async #add(): Promise<void> {
    const record = this.#record();
    const exists = this.model.records.has(record.id);
    const code = await this.rows.add(toInput(record)).then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    if (code !== (exists ? 'ID_EXISTS' : undefined)) throw new Error(`add gives ${code}`);
    if (!exists) this.model.records.set(record.id, record);
  }

  async #update(): Promise<void> {
    const record = this.#record();
    const before = this.model.records.get(record.id);
    if (before === undefined) return;
    // Sometimes n alone: the vectors go over to the new version.
    const isWhole = this.random() < 0.5;
    const { n, vectors } = toInput(record);
    await this.rows.update(record.id, isWhole ? { n, vectors } : { n });
    const merged = isWhole ? { ...before.vectors, ...record.vectors } : before.vectors;
    this.model.records.set(record.id, { id: record.id, n: record.n, vectors: merged });
  }

  async #delete(): Promise<void> {
    const ids = Array.from({ length: 1 + this.#below(5) }, () => this.#below(IDS));
    const { count } = await this.rows.delete(ids);
    const gone = ids.filter((id) => this.model.records.delete(id)).length;
    if (count !== gone) throw new Error(`${count} deleted in place of ${gone}`);
  }

  async #deleteBelow(n: number): Promise<void> {
    const gone = [...this.model.records.values()].filter((record) => record.n < n);
    const { count } = await this.rows.delete({ filter: { n: { $lt: n } } });
    for (const { id } of gone) this.model.records.delete(id);
    if (count !== gone.length) throw new Error(`${count} deleted in place of ${gone.length}`);
  }

  async search(ask: Ask, exact: boolean): Promise<void> {
    const { hits, info } = await this.rows.search(toQuery(ask, exact));
    if (exact) this.model.checkExact(ask, hits, info.matches);
    else this.model.checkHits(ask, hits, info.matches);
  }

  async #searchBatch(): Promise<void> {
    const asks = Array.from({ length: 40 }, () => this.#ask());
    const exact = this.random() < 0.5;
    const results = await this.rows.searchBatch(asks.map((ask) => toQuery(ask, exact)));
    for (const [i, { hits, info }] of results.entries()) {
      if (exact) this.model.checkExact(asks[i], hits, info.matches);
      else this.model.checkHits(asks[i], hits, info.matches);
    }
  }

  async #get(): Promise<void> {
    const id = this.#below(IDS);
    const found = (await this.rows.get(id, { vectors: true })) as Input | undefined;
    const record = this.model.records.get(id);
    const expected = record === undefined ? undefined : toInput(record);
    if (JSON.stringify(plain(found)) !== JSON.stringify(plain(expected))) throw new Error(`record ${id} differs`);
  }

  async #count(): Promise<void> {
    const n = this.#below(1000);
    const expected = [...this.model.records.values()].filter((record) => record.n < n).length;
    const count = await this.rows.count({ n: { $lt: n } });
    if (count !== expected) throw new Error(`${count} counted in place of ${expected}`);
  }

  /** Every record is there, and is found by its own vectors: always by an exact search, by walks as good as always. */
  async checkAll(): Promise<{ walked: number; found: number }> {
    const ids: unknown[] = [];
    for await (const { id } of this.rows.scan({ select: [] })) ids.push(id);
    const expected = [...this.model.records.keys()].sort((a, b) => Number(a) - Number(b));
    if (JSON.stringify(ids) !== JSON.stringify(expected)) throw new Error('a scan differs');
    let [walked, found] = [0, 0];
    for (const space of this.spaces) {
      const asks = this.model.matching({ space } as Ask).map((record): Ask & { id: unknown } => {
        const parts = record.vectors[space.name];
        return { space, query: parts[parts.length - 1], limit: 10, offset: 0, below: undefined, id: record.id };
      });
      for (const exact of [true, false]) {
        const results = await this.rows.searchBatch(asks.map((ask) => toQuery(ask, exact)));
        for (const [i, { hits }] of results.entries()) {
          const isFound = hits.some(({ id }) => id === asks[i].id);
          if (exact && !isFound) throw new Error(`record ${String(asks[i].id)} is not found in ${space.name}`);
          if (!exact) walked++;
          if (!exact && isFound) found++;
        }
      }
    }
    return { walked, found };
  }

  #record(): ModelRecord {
    const vectors: Record<string, Float32Array[]> = {};
    for (const space of this.spaces) {
      if (this.random() < 0.15) continue;
      const parts = this.random() < 0.1 ? 2 + this.#below(3) : 1;
      vectors[space.name] = Array.from({ length: parts }, () => this.#vector(space));
    }
    return { id: this.#below(IDS), n: this.#below(1000), vectors };
  }

  /** Of one length, so that under each metric a vector is nearest to itself; sometimes one that another record has. */
  #vector({ name, dimensions }: ModelSpace): Float32Array {
    const twin = this.random() < 0.03 ? this.model.records.get(this.#below(IDS))?.vectors[name]?.[0] : undefined;
    if (twin !== undefined) return twin;
    const values = Array.from({ length: dimensions }, () => this.random() - 0.5);
    const length = Math.hypot(...values) / 2;
    return Float32Array.from(values, (value) => value / length);
  }

  #ask(): Ask {
    const space = this.spaces[this.#below(this.spaces.length)];
    const query = Float32Array.from({ length: space.dimensions }, () => this.random() - 0.5);
    const limit = this.random() < 0.05 ? IDS : 1 + this.#below(20);
    const offset = this.random() < 0.2 ? this.#below(30) : 0;
    return { space, query, limit, offset, below: this.random() < 0.4 ? this.#below(1000) : undefined };
  }

  #below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}

type Input = {
  readonly id: number;
  readonly n: number;
  readonly vectors: Record<string, Float32Array | Float32Array[]>;
};

function toInput({ id, n, vectors }: ModelRecord): Input {
  const given = Object.entries(vectors).map(([name, parts]) => [name, parts.length === 1 ? parts[0] : [...parts]]);
  return { id: id as number, n, vectors: Object.fromEntries(given) as Input['vectors'] };
}

function toQuery({ space, query, limit, offset, below }: Ask, exact: boolean) {
  const filter = below === undefined ? {} : { n: { $lt: below } };
  const value = exact ? query : WalkingQuery.from(query);
  return { near: { vector: space.name, value }, limit, offset, filter, exact, select: [] } as const;
}

function plain(record: Input | undefined): unknown {
  if (record === undefined) return undefined;
  const lists = Object.entries(record.vectors ?? {}).map(([name, given]) => {
    const parts: readonly Float32Array[] = Array.isArray(given) ? given : [given as Float32Array];
    return [name, parts.map((part) => [...part])] as const;
  });
  return [record.id, record.n, lists.sort(([a], [b]) => (a < b ? -1 : 1))];
}

async function openWalking(path: string, effort: () => number): Promise<Database> {
  const db = await openWith(path, { durability: 'relaxed', threads: 2 }, LIMITS);
  return walkWhenAsked(db, effort);
}

t.test(`${OPERATIONS} random operations leave what a Map holds (NEARFIELD_SEED=${SEED})`, async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const random = seededRandom(SEED);
  let effort = EFFORT;
  let db = await openWalking(path, () => effort);
  t.teardown(() => db.close());
  const lanes = SPACES.map((spaces, i) => new Lane(i, spaces));
  for (const lane of lanes) await lane.open(db);
  const sealed = new Set<number>();
  const rounds = Math.ceil(OPERATIONS / ROUND / lanes.length);
  for (let round = 0; round < rounds; round++) {
    const optimizing = random() < 0.3 ? db.optimize() : undefined;
    await Promise.all([...lanes.map((lane) => lane.run(ROUND)), optimizing]);
    for (const { rows } of lanes) {
      const { vectors, background } = await rows.stats();
      if (background.failure !== undefined) throw new Error(`round ${round}: ${background.failure}`);
      for (const { segments } of Object.values(vectors)) {
        sealed.add(segments!.filter(({ kind }) => kind === 'sealed').length);
      }
    }
    if (random() < 0.3) {
      await db.close();
      db = await openWalking(path, () => effort);
      for (const lane of lanes) await lane.open(db);
    }
    if (round % 10 === 9) await check(`round ${round}`);
  }
  t.ok(sealed.size > 2, 'segments come and go', { numbers: [...sealed] });
  await db.optimize();
  await check('optimized');

  async function check(when: string): Promise<void> {
    effort = CHECKED_EFFORT;
    for (const lane of lanes) {
      const { walked, found } = await lane.checkAll();
      if (found < 0.99 * walked) throw new Error(`${when}: of ${walked} vectors only ${found} are found by walks`);
    }
    effort = EFFORT;
  }
});
