// What is measured: milliseconds a question, by a caller who awaits each one, of counts and facets over 340 000 records in
//   memory: with Nearfield's column indexes, and with SQLite (better-sqlite3, :memory:, every column indexed, ANALYZE run, the
//   two columns of the count in one index, tags in a table of their own with an index either way). `first` is the first time
//   that a filter is asked; `again` repeats it, where Nearfield remembers which rows passed. The answers of both are compared.
//   Questions take turns; medians, and the ratio to SQLite within a repetition.
// Data: synthetic, seeded: a genre of 40 (Zipf), years, ratings, tags (0 to 3 of 200), a flag. NEARFIELD_BENCH_SIZES: rows.
// Run: npm run bench -- facets
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { open } from '@nearfield/engine';
import { median, range, shown } from '../measure/spread.mjs';
import { repetitions } from '../settings.mjs';

export const description = 'counts and facets over 340 000 records, with Nearfield and with SQLite';

const ROWS = Number(process.env.NEARFIELD_BENCH_SIZES ?? 340_000);
const BATCH = 5000;
const GENRES = 40;
const TAGS = 200;
/** Repetitions until the code is warm. */
const WARM_UP = 20;

// As the engine has it.
const Database = createRequire(new URL('../../packages/engine/package.json', import.meta.url))('better-sqlite3');

export async function run() {
  const records = makeRecords(ROWS);
  const nearfield = await fillNearfield(records);
  const sqlite = fillSqlite(records);
  const rows = [];
  for (const question of QUESTIONS) rows.push(await measure(question, nearfield.rows, sqlite));
  sqlite.close();
  await nearfield.db.close();
  return rows;
}

/**
 * Each question in the words of both; `at` numbers its repetitions, so that every one asks for rows that none did before.
 * The same rows are asked for a second time under `again`.
 */
const QUESTIONS = [
  {
    name: 'count, keyword and range',
    ask: (rows, at) => rows.count({ genre: genre(at), year: { $gte: year(at), $lt: year(at) + 30 } }),
    sql: 'SELECT count(*) AS n FROM rows WHERE genre = ? AND year >= ? AND year < ?',
    parameters: (at) => [genre(at), year(at), year(at) + 30],
  },
  {
    name: 'count, range and range',
    ask: (rows, at) => rows.count({ rating: { $lt: 5 + at / 100 }, year: { $gte: year(at) } }),
    sql: 'SELECT count(*) AS n FROM rows WHERE rating < ? AND year >= ?',
    parameters: (at) => [5 + at / 100, year(at)],
  },
  {
    name: 'count, tag and flag',
    ask: (rows, at) => rows.count({ tags: tag(at), seen: true }),
    sql: 'SELECT count(*) AS n FROM tags JOIN rows ON rows.id = tags.id WHERE tag = ? AND seen = 1',
    parameters: (at) => [tag(at)],
  },
  {
    name: 'facets of genre, all records',
    ask: (rows) => rows.facets('genre'),
    sql: 'SELECT genre AS value, count(*) AS count FROM rows WHERE genre IS NOT NULL GROUP BY genre ORDER BY count DESC, value LIMIT 100',
    parameters: () => [],
  },
  {
    name: 'facets of tags, all records',
    ask: (rows) => rows.facets('tags'),
    sql: 'SELECT tag AS value, count(*) AS count FROM tags GROUP BY tag ORDER BY count DESC, value LIMIT 100',
    parameters: () => [],
  },
  {
    name: 'facets of genre, two clauses',
    ask: (rows, at) => rows.facets('genre', { filter: { year: { $gte: year(at) }, rating: { $gt: 5 + at / 100 } } }),
    sql: 'SELECT genre AS value, count(*) AS count FROM rows WHERE year >= ? AND rating > ? AND genre IS NOT NULL GROUP BY genre ORDER BY count DESC, value LIMIT 100',
    parameters: (at) => [year(at), 5 + at / 100],
  },
  {
    name: 'facets of year, two clauses',
    ask: (rows, at) => rows.facets('year', { filter: { genre: { $in: [genre(at), other(at)] }, seen: true } }),
    sql: 'SELECT year AS value, count(*) AS count FROM rows WHERE genre IN (?, ?) AND seen = 1 AND year IS NOT NULL GROUP BY year ORDER BY count DESC, value LIMIT 100',
    parameters: (at) => [genre(at), other(at)],
  },
];

async function measure({ name, ask, sql, parameters }, rows, sqlite) {
  const statement = sqlite.prepare(sql);
  const times = { first: [], again: [], sqlite: [] };
  for (let at = 0; at < WARM_UP + repetitions(80); at++) {
    const [ours, first] = await timed(() => ask(rows, at));
    const [, again] = await timed(() => ask(rows, at));
    const [theirs, other] = await timed(() => statement.all(...parameters(at)));
    const right = typeof ours === 'number' ? theirs[0].n : theirs;
    if (!isDeepStrictEqual(ours, right)) throw new Error(`${name}: the answers differ at ${at}`);
    if (at < WARM_UP) continue;
    times.first.push(first);
    times.again.push(again);
    times.sqlite.push(other);
  }
  const ratio = (mine) => mine.map((time, i) => times.sqlite[i] / time);
  return {
    question: name,
    'first, ms': shown(median(times.first)),
    'again, ms': shown(median(times.again)),
    'SQLite, ms': shown(median(times.sqlite)),
    'times as fast, first': shown(median(ratio(times.first))),
    'over the repetitions': range(ratio(times.first)),
    'times as fast, again': shown(median(ratio(times.again))),
  };
}

async function timed(work) {
  const started = performance.now();
  const result = await work();
  return [result, performance.now() - started];
}

async function fillNearfield(records) {
  const db = await open(':memory:');
  const rows = await db.collection('rows', {
    fields: { genre: 'keyword', year: 'integer', rating: 'float', tags: 'keyword[]', seen: 'boolean' },
  });
  for (let i = 0; i < records.length; i += BATCH) await rows.upsert(records.slice(i, i + BATCH));
  return { db, rows };
}

function fillSqlite(records) {
  const sqlite = new Database(':memory:');
  sqlite.exec(`
    CREATE TABLE rows (id INTEGER PRIMARY KEY, genre TEXT, year INTEGER, rating REAL, seen INTEGER);
    CREATE TABLE tags (id INTEGER, tag TEXT, PRIMARY KEY (id, tag)) WITHOUT ROWID;
  `);
  const row = sqlite.prepare('INSERT INTO rows VALUES (?, ?, ?, ?, ?)');
  const tagged = sqlite.prepare('INSERT INTO tags VALUES (?, ?)');
  sqlite.transaction(() => {
    for (const { id, genre, year, rating, tags, seen } of records) {
      row.run(id, genre ?? null, year, rating, seen ? 1 : 0);
      for (const tag of new Set(tags)) tagged.run(id, tag);
    }
  })();
  sqlite.exec(`
    CREATE INDEX by_genre_year ON rows (genre, year);
    CREATE INDEX by_year_rating ON rows (year, rating, genre);
    CREATE INDEX by_rating ON rows (rating, year);
    CREATE INDEX by_seen ON rows (seen, genre, year);
    CREATE INDEX by_tag ON tags (tag, id);
    ANALYZE;
  `);
  return sqlite;
}

function makeRecords(count) {
  const random = seeded(5);
  return Array.from({ length: count }, (_, id) => ({
    id,
    genre: random() < 0.05 ? undefined : genre(Math.floor(GENRES ** random()) - 1),
    year: 1920 + Math.floor(random() * 105),
    rating: Math.round(random() * 1000) / 100,
    tags: Array.from({ length: Math.floor(random() * 4) }, () => tag(Math.floor(random() * TAGS))),
    seen: random() < 0.3,
  }));
}

function genre(at) {
  return `genre ${at % GENRES}`;
}

/** Another one, which moves. */
function other(at) {
  return genre(at + 1 + Math.floor(at / GENRES));
}

/** With one of 40 genres, or a rating that moves, each pair comes once. */
function year(at) {
  return 1940 + (at % 31);
}

function tag(at) {
  return `tag ${at % TAGS}`;
}

/** Mulberry32 (T. Ettinger, 2017). */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
