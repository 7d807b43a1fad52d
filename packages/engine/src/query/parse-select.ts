import { NearfieldError, suggestion } from '../errors/index.js';
import type { CollectionSchema } from '../schema/index.js';
import { invalidOption } from './check-option.js';

/** Checks the names of the fields to return: with a strict schema all of them must be declared. */
export function parseSelect(select: unknown, schema: CollectionSchema): readonly string[] | undefined {
  if (select === undefined) return undefined;
  if (!Array.isArray(select)) throw invalidOption('select', 'a list of field names', select);
  for (const name of select as unknown[]) {
    if (typeof name !== 'string') throw invalidOption('select', 'a list of field names', name);
    if (name === 'id' || Object.hasOwn(schema.fields, name) || !schema.strict) continue;
    throw new NearfieldError('UNKNOWN_FIELD', `\`select\` names an unknown field \`${name}\``, {
      field: 'select',
      remedy: suggestion(name, Object.keys(schema.fields)),
    });
  }
  return [...(select as string[])];
}
