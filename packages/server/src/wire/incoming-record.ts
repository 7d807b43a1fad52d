import { isPlainObject } from '@nearfield/engine/encoder';
import type { CollectionSchema } from '@nearfield/engine';
import { incomingMedia } from './incoming-media.js';
import { incomingVectors } from './incoming-vector.js';

/**
 * A record as the engine takes it: `vectors` as Float32Arrays or lists of them, images and sounds as bytes. What is no record is left
 * to the engine's check.
 */
export function incomingRecord(record: unknown, schema: CollectionSchema, allowLocalPaths: boolean): unknown {
  if (!isPlainObject(record)) return record;
  const changed = new Map<string, unknown>();
  if (isPlainObject(record.vectors)) changed.set('vectors', incomingSpaces(record.vectors, record.id));
  for (const [name, { type }] of Object.entries(schema.fields)) {
    if ((type !== 'image' && type !== 'audio') || !Object.hasOwn(record, name)) continue;
    changed.set(
      name,
      incomingMedia(record[name], `Field \`${name}\` of record ${JSON.stringify(record.id)}`, name, allowLocalPaths),
    );
  }
  return changed.size === 0 ? record : { ...record, ...Object.fromEntries(changed) };
}

function incomingSpaces(vectors: Record<string, unknown>, id: unknown): Record<string, unknown> {
  const entries = Object.entries(vectors).map(([name, vector]): [string, unknown] => [
    name,
    incomingVectors(vector, `Vector \`${name}\` of record ${JSON.stringify(id)}`, { record: id, field: name }),
  ]);
  return Object.fromEntries(entries);
}
