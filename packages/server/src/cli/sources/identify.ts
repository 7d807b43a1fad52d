import { describe } from '@nearfield/engine/encoder';
import { failure } from './read-json-lines.js';
import type { SourceItem, SourceRecord } from './source-item.js';

/** Fields that hold the id when none is named; the first that a record has counts. */
const DEFAULT_FIELDS = ['id', '_id'];
/** As many names of fields as a message lists. */
const LISTED_FIELDS = 12;

/**
 * The record with its id under `id`: the value of `field`, or of `id` or `_id`. The field of the id is not kept twice;
 * an `id` that is not the id is kept as `_id`.
 */
export function identify(item: SourceRecord, field: string | undefined): SourceItem {
  const { record, origin } = item;
  const name = (field === undefined ? DEFAULT_FIELDS : [field]).find((candidate) => Object.hasOwn(record, candidate));
  const id = name === undefined ? undefined : record[name];
  if (name === undefined || !(typeof id === 'string' || typeof id === 'number')) {
    return failure('INVALID_ID', 'The record has no id', origin, {
      field: field ?? 'id',
      expected: `a string or an integer under ${field ?? DEFAULT_FIELDS.join(' or ')}`,
      received: describe(id),
      remedy: `Name the field that holds the id by --id; this record has ${fieldsText(record)}.`,
    });
  }
  if (name === 'id') return item;
  const { [name]: _id, id: other, ...rest } = record;
  const kept = other === undefined ? {} : { _id: other };
  return { ...item, record: { id, ...kept, ...rest } };
}

function fieldsText(record: Record<string, unknown>): string {
  const names = Object.keys(record);
  if (names.length === 0) return 'no field';
  return `${names.slice(0, LISTED_FIELDS).join(', ')}${names.length > LISTED_FIELDS ? ', …' : ''}`;
}
