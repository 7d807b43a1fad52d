import { isPlainObject } from '@nearfield/engine/encoder';
import type { CollectionSchema, FieldType } from '@nearfield/engine';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** Numbers that a person writes with a zero in front are codes, which it would be lost from. */
const CODE = /^[+-]?0\d/;

/** A record of texts with the values that the schema's types make of them; what does not fit stays a text. */
export function typedCells(record: Record<string, unknown>, { fields }: CollectionSchema): Record<string, unknown> {
  const typed = Object.entries(record).map(([name, cell]): [string, unknown] => {
    if (name === 'vectors') return [name, valueOf(cell, 'json')];
    return [name, Object.hasOwn(fields, name) ? valueOf(cell, fields[name].type) : cell];
  });
  return Object.fromEntries(typed);
}

/** Records of texts with the values that whole columns seem to hold, to infer their types from. */
export function guessedCells(records: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const columns = new Map<string, string[]>();
  for (const [name, cell] of records.flatMap((record) => Object.entries(record))) {
    const column = columns.get(name);
    if (column === undefined) columns.set(name, [String(cell)]);
    else column.push(String(cell));
  }
  const types = new Map([...columns].map(([name, cells]) => [name, columnType(cells)]));
  return records.map((record) =>
    Object.fromEntries(Object.entries(record).map(([name, cell]) => [name, valueOf(cell, types.get(name) ?? 'text')])),
  );
}

function columnType(cells: readonly string[]): FieldType {
  if (cells.every((cell) => typeof valueOf(cell, 'boolean') === 'boolean')) return 'boolean';
  if (cells.every((cell) => !CODE.test(cell) && NUMBER.test(cell))) return 'float';
  return cells.every((cell) => typeof valueOf(cell, 'json') === 'object') ? 'json' : 'text';
}

function valueOf(cell: unknown, type: FieldType): unknown {
  if (typeof cell !== 'string') return cell;
  switch (type) {
    case 'integer':
    case 'float':
      return NUMBER.test(cell) ? Number(cell) : cell;
    case 'boolean':
      return /^(?:true|false)$/i.test(cell) ? cell.toLowerCase() === 'true' : cell;
    case 'geo':
    case 'json':
      return structureOf(cell) ?? cell;
    case 'keyword[]':
      return structureOf(cell) ?? [cell];
    case 'text':
    case 'keyword':
    case 'datetime':
    case 'image':
    case 'audio':
      return cell;
    default:
      return type satisfies never;
  }
}

/** An array or object that a text spells as JSON. */
function structureOf(cell: string): unknown {
  if (!/^\s*[[{]/.test(cell)) return undefined;
  try {
    const value: unknown = JSON.parse(cell);
    return Array.isArray(value) || isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
