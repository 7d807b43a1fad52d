import type Database from 'better-sqlite3';
import { NearfieldError } from '../errors/index.js';

/** Marks a Nearfield file in SQLite's header: the letters NrFd. */
export const APPLICATION_ID = 0x4e724664;

/**
 * One step a format version, forward only; docs/format.md describes the tables that they leave. Ids are never reused
 * (AUTOINCREMENT), so that a reader with a dropped collection open does not take the tables of another one for its own.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE nf_collections (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL UNIQUE,
     schema TEXT NOT NULL,
     commits INTEGER NOT NULL DEFAULT 0,
     removals INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE TABLE nf_vectors (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     collection INTEGER NOT NULL REFERENCES nf_collections (id) ON DELETE CASCADE,
     name TEXT NOT NULL,
     kind TEXT NOT NULL CHECK (kind IN ('dense', 'sparse')),
     dimensions INTEGER,
     metric TEXT,
     encoder TEXT,
     UNIQUE (collection, name)
   ) STRICT;`,
  `CREATE TABLE nf_segments (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     vector INTEGER NOT NULL REFERENCES nf_vectors (id) ON DELETE CASCADE,
     complete INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX nf_segments_of_vector ON nf_segments (vector);
   CREATE TABLE nf_frames (
     id INTEGER PRIMARY KEY,
     segment INTEGER NOT NULL REFERENCES nf_segments (id) ON DELETE CASCADE,
     number INTEGER NOT NULL,
     bytes BLOB NOT NULL,
     UNIQUE (segment, number)
   ) STRICT;`,
  `CREATE TABLE nf_passages (
     vector INTEGER NOT NULL REFERENCES nf_vectors (id) ON DELETE CASCADE,
     key INTEGER NOT NULL,
     spans BLOB NOT NULL,
     PRIMARY KEY (vector, key)
   ) STRICT, WITHOUT ROWID;
   UPDATE nf_collections SET schema = json_set(schema, '$.vectors', (
     SELECT json_group_object(vector.key, json(CASE WHEN vector.value ->> '$.kind' <> 'encoded' THEN vector.value
       ELSE json_set(vector.value, '$.combine', 'join', '$.weights', json('{}'), '$.passages', json(CASE WHEN EXISTS (
         SELECT 1 FROM json_each(vector.value, '$.from') AS field
         WHERE nf_collections.schema ->> ('$.fields."' || field.value || '".type') IN ('image', 'audio')
       ) THEN 'false' ELSE 'true' END)) END))
     FROM json_each(nf_collections.schema, '$.vectors') AS vector));`,
  `CREATE TABLE nf_recall (
     vector INTEGER PRIMARY KEY REFERENCES nf_vectors (id) ON DELETE CASCADE,
     observed TEXT NOT NULL
   ) STRICT;`,
  `CREATE TABLE nf_machines (
     machine TEXT PRIMARY KEY,
     times TEXT NOT NULL
   ) STRICT;`,
];

/** The format version that this release writes. */
export const FORMAT_VERSION = MIGRATIONS.length;

/** Brings the file to the current format, or throws NOT_A_DATABASE or VERSION_UNSUPPORTED and changes nothing. */
export function migrate(db: Database.Database, path: string, readOnly: boolean): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  const application = db.pragma('application_id', { simple: true }) as number;
  const empty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (application !== APPLICATION_ID && !(application === 0 && empty && !readOnly)) {
    throw new NearfieldError('NOT_A_DATABASE', `${path} is an SQLite file, but not one of Nearfield's`);
  }
  if (version > FORMAT_VERSION) {
    throw new NearfieldError('VERSION_UNSUPPORTED', `${path} was written by a newer release`, {
      expected: `format version ${FORMAT_VERSION} at most`,
      received: String(version),
    });
  }
  if (version === FORMAT_VERSION) return;
  if (readOnly) {
    throw new NearfieldError('VERSION_UNSUPPORTED', `${path} has an older format`, {
      received: String(version),
      remedy: 'Open it once for writing to bring it up to date.',
    });
  }
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${FORMAT_VERSION}`);
  }).immediate();
}
