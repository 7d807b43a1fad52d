import { open } from '@nearfield/engine';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FILM_LINES, WORDS_SCHEMA, folderOf, jsonLines, nearfield } from './command-line.js';

const RECORDS = 1500;
const DIMENSIONS = 8;

/** A database whose vectors are enough for a graph, and of which a part has been deleted. */
async function points(t: Test): Promise<string> {
  const folder = await folderOf(t, {});
  const db = await open(join(folder, 'db.nf'), { durability: 'relaxed' });
  const collection = await db.collection('points', {
    vectors: { at: { dimensions: DIMENSIONS, metric: 'euclidean', quantization: 'int8' } },
  });
  await collection.upsert(
    Array.from({ length: RECORDS }, (_, id) => ({
      id,
      vectors: { at: Float32Array.from({ length: DIMENSIONS }, (_, d) => Math.sin(id * (d + 1))) },
    })),
  );
  await collection.delete(Array.from({ length: 100 }, (_, id) => id));
  await db.close();
  return folder;
}

t.test('optimize seals vectors, and info shows segments and what a vector costs', async (t) => {
  const folder = await points(t);
  const before = (await nearfield(folder, ['info', 'db.nf'])).out;
  t.match(before, /^ {2}at: 1 flat, [\d ]+ bytes of memory a vector, 1 400 of 1 400 vectors not sealed$/m);
  const { code, out, err } = await nearfield(folder, ['optimize', 'db.nf', '--threads', '1']);
  t.equal(code, 0, err);
  t.equal(err, '', 'quiet when piped');
  t.match(out, /^points\.at: 1 400 vectors, 1 sealed\ndb\.nf: [\d.]+ KB, [\d.]+ KB before; [\d.]+ m?s\n$/);
  const after = (await nearfield(folder, ['info', 'db.nf'])).out;
  t.match(after, /^ {2}at: 1 sealed, [\d ]+ bytes of memory a vector$/m);
  t.match(after, /^ {2}background work in this process: none$/m);
});

t.test('--json prints segments and sizes', async (t) => {
  const folder = await points(t);
  const { out } = await nearfield(folder, ['optimize', 'db.nf', '--json', '--memory-budget', '256']);
  const result = JSON.parse(out);
  t.match(result, {
    path: 'db.nf',
    vectors: [{ collection: 'points', vector: 'at', segments: [{ kind: 'sealed', vectors: 1400 }] }],
  });
  t.equal(result.bytes.after, (await stat(join(folder, 'db.nf'))).size);
  t.ok(result.bytes.before > 0);
  t.ok(result.seconds > 0);
});

t.test('few vectors stay flat, and words have no segments', async (t) => {
  const folder = await folderOf(t, { 'schema.json': WORDS_SCHEMA });
  await nearfield(folder, ['ingest', 'db.nf', 'films', '-', '--schema', 'schema.json'], jsonLines(FILM_LINES));
  const { code, out } = await nearfield(folder, ['optimize', 'db.nf', '--json']);
  t.equal(code, 0);
  t.strictSame(JSON.parse(out).vectors, []);
});

t.test('optimize of a path with nothing there creates nothing', async (t) => {
  const folder = await folderOf(t, {});
  const { code, out, err } = await nearfield(folder, ['optimize', 'none.nf']);
  t.equal(code, 1);
  t.equal(out, '');
  t.match(err, /^nearfield: DATABASE_NOT_FOUND: There is no database at none\.nf\. Check the path/);
  t.strictSame(await readdir(folder), []);
});
