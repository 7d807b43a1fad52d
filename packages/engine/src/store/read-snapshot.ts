import type Database from 'better-sqlite3';

/**
 * A read transaction on the connection that Nearfield reads by. While it is held, every read sees the file as it was when
 * it was taken, whatever another connection commits.
 */
export class ReadSnapshot {
  readonly #begin: Database.Statement;
  readonly #read: Database.Statement;
  readonly #end: Database.Statement;

  constructor(readonly sql: Database.Database) {
    this.#begin = sql.prepare('BEGIN');
    this.#read = sql.prepare('SELECT 1 FROM nf_collections LIMIT 1');
    this.#end = sql.prepare('COMMIT');
  }

  hold(): void {
    this.#begin.run();
    // BEGIN alone takes no snapshot; the first read does.
    this.#read.get();
  }

  /** Gives the snapshot up, if it is held: SQLite itself ends a transaction that meets certain errors. */
  release(): void {
    if (this.sql.inTransaction) this.#end.run();
  }
}
