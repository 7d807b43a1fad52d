import { NearfieldError, type AnyRecordInput, type Collection, type SkippedRecord } from '@nearfield/engine';
import type { RecordId, SkippingResult } from '@nearfield/engine';
import { isPlainObject } from '@nearfield/engine/encoder';
import { incomingRecord } from '../wire/incoming-record.js';

/**
 * Upserts those records of a body that can be read, checked and encoded, in one transaction, and tells of the others by
 * their places in the body. Throws LOCAL_PATH_REFUSED for a path all the same: that is not a record's fault.
 */
export async function upsertReadable(
  collection: Collection,
  given: readonly unknown[],
  allowLocalPaths: boolean,
): Promise<SkippingResult> {
  const unread: SkippedRecord[] = [];
  const records: unknown[] = [];
  const positions: number[] = [];
  for (const [position, record] of given.entries()) {
    try {
      records.push(incomingRecord(record, collection.schema, allowLocalPaths));
      positions.push(position);
    } catch (error) {
      if (!(error instanceof NearfieldError)) throw error;
      unread.push({ id: idOf(record), position, code: error.code, message: error.message });
    }
  }
  const { count, skippedCount, skipped } = await collection.upsert(records as AnyRecordInput[], { onError: 'skip' });
  const others = skipped.map((record) => ({ ...record, position: positions[record.position] }));
  return {
    count,
    skippedCount: skippedCount + unread.length,
    skipped: [...unread, ...others].sort((a, b) => a.position - b.position),
  };
}

function idOf(record: unknown): RecordId | undefined {
  const id: unknown = isPlainObject(record) ? record.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
