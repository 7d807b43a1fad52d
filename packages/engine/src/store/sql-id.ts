import type { RecordId } from '../schema/index.js';

/** SQLite tells integers from reals, JavaScript does not: an id beyond 32 bits must go in as an integer all the same. */
export function toSql(id: RecordId): RecordId | bigint {
  return typeof id === 'number' ? BigInt(id) : id;
}
