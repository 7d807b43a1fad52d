import { NearfieldError, describe } from '../errors/index.js';
import type { RecordId } from '../schema/index.js';
import { MAX_ID_LENGTH } from './limits.js';

/** Throws INVALID_ID unless `id` can be a record's id. `position` is its place in the batch, for the message. */
export function checkId(id: unknown, position?: number): asserts id is RecordId {
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 && !Object.is(id, -0)) return;
  if (typeof id === 'string' && id.length > 0 && id.length <= MAX_ID_LENGTH && id.isWellFormed() && !id.includes('\0'))
    return;
  throw new NearfieldError('INVALID_ID', position === undefined ? 'Not an id' : `Record ${position} has no valid id`, {
    expected: `a non-negative safe integer, or a string of 1 to ${MAX_ID_LENGTH} well-formed characters`,
    received: describe(id),
    record: position,
    field: 'id',
  });
}
