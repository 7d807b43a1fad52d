import { compileFilter, parseFilter } from '@nearfield/engine/internals/filter/index';
import type { FieldTypes } from '@nearfield/engine/internals/schema/field-type';

/** Whether one record passes a filter. */
export function passes(input: unknown, record: Record<string, unknown>, fields: FieldTypes): boolean {
  const read = (field: string) => () => (Object.hasOwn(record, field) ? record[field] : undefined);
  return compileFilter(parseFilter(input, fields), read)(0);
}
