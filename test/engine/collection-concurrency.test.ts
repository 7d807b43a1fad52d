import { join } from 'node:path';
import t from 'tap';
import { open } from '@nearfield/engine';
import { seededRandom } from './filter/random-filter.js';
import { WordEncoder } from './small-encoders.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 71);
const IDS = 40;
const WRITES = 150;

/** Everything that a record has follows from its version, so that a mix of two shows. */
const versionOf = (id: number, version: number) => ({
  id,
  version,
  title: `word${version} common`,
  long: `text ${version} ${'x'.repeat(version % 3000)}`,
  vectors: { v: Float32Array.of(version, id) },
});

interface Found {
  id: number | string;
  version?: number;
  title?: string;
  long?: string;
  vectors?: { v?: Float32Array | Float32Array[] };
}

t.test(
  `reads beside writers of the same records see whole versions, and never fail (NEARFIELD_SEED=${SEED})`,
  async (t) => {
    const db = await open(join(t.testdir(), 'a.nf'), { durability: 'relaxed' });
    t.teardown(() => db.close());
    const rows = await db.collection('rows', {
      fields: { version: 'integer', title: 'text', long: { type: 'text', index: false } },
      vectors: { v: { dimensions: 2, metric: 'dot' }, words: { from: ['title'], encoder: new WordEncoder() } },
    });
    const random = seededRandom(SEED);
    const someId = () => Math.floor(random() * IDS);
    let version = 1;
    const written = new AbortController();
    const seen = { hits: 0, records: 0 };
    const wrong: unknown[] = [];
    const check = (found: Found, score?: number): void => {
      seen.records++;
      const whole = versionOf(Number(found.id), found.version!);
      const fits = found.title === whole.title && found.long === whole.long;
      const vector =
        found.vectors === undefined || (found.vectors.v as Float32Array | undefined)?.[0] === found.version;
      if (!fits || !vector || (score !== undefined && score !== found.version))
        wrong.push({ ...found, long: '', score });
    };
    await rows.upsert(Array.from({ length: IDS }, (_, id) => versionOf(id, version++)));

    const write = async () => {
      for (let i = 0; i < WRITES; i++) {
        const ids = [...new Set(Array.from({ length: 1 + Math.floor(random() * 8) }, someId))];
        const kind = random();
        if (kind < 0.6) await rows.upsert(ids.map((id) => versionOf(id, version++)));
        else if (kind < 0.8) await rows.update(ids[0], changesOf(ids[0], version++)).catch(ignoreMissing);
        else if (kind < 0.9) await rows.delete(ids);
        else await rows.delete({ filter: { version: { $lt: version - 200 } } });
      }
    };
    const search = async () => {
      const near = { vector: 'v', value: Float32Array.of(1, 0) } as const;
      while (!written.signal.aborted) {
        const { hits } = await rows.search({ near, limit: IDS, vectors: random() < 0.5 });
        for (const { record, score } of hits) check(record, score);
        seen.hits += hits.length;
        const filter = random() < 0.5 ? { long: { $contains: 'text' } } : { version: { $gt: version - 100 } };
        const words = await rows.search({ near: { vector: 'words', text: 'common' }, filter, limit: IDS });
        for (const { record } of words.hits) check(record);
      }
    };
    const get = async () => {
      while (!written.signal.aborted) {
        const found = await rows.get([someId(), someId(), someId()], { vectors: true });
        for (const record of found) if (record !== undefined) check(record);
        await rows.search({ near: { vector: 'v', id: someId() }, select: [] }).catch(ignoreMissing);
      }
    };
    const scan = async () => {
      while (!written.signal.aborted) {
        const orderBy = random() < 0.5 ? 'version' : undefined;
        for await (const record of rows.scan({ orderBy, vectors: true })) check(record);
      }
    };
    const reading = [search(), get(), scan()];
    const ends = await Promise.allSettled([write(), write(), write()]);
    written.abort();
    ends.push(...(await Promise.allSettled(reading)));
    t.same(
      ends.filter(({ status }) => status === 'rejected'),
      [],
    );
    t.same(wrong.slice(0, 5), []);
    t.ok(seen.hits > 1000 && seen.records > seen.hits, JSON.stringify(seen));
  },
);

function changesOf(id: number, version: number) {
  const { id: _, ...changes } = versionOf(id, version);
  return changes;
}

function ignoreMissing(error: { code?: string }): void {
  if (error.code !== 'RECORD_NOT_FOUND') throw error;
}
