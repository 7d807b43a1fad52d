import type { FieldTypes } from '../schema/field-type.js';
import { invalidFilter } from './filter-error.js';
import type { Target } from './filter-node.js';

/**
 * Reads a key of a filter as a field or a dotted path. A declared name wins, dots and all; otherwise the first segment
 * is the field and the rest descends into it, which only a json field or an undeclared key allows.
 */
export function parseTarget(path: string, fields: FieldTypes): Target {
  if (Object.hasOwn(fields, path)) return target(path, [], fields);
  const [field = '', ...keys] = path.split('.');
  if (field === '' || keys.includes('')) {
    throw invalidFilter({ field: path }, 'the path has an empty segment', 'names joined by single dots', path);
  }
  if (keys.length > 0 && Object.hasOwn(fields, field) && fields[field] !== 'json') {
    throw invalidFilter(
      { field: path },
      `a path cannot descend into a field of type ${fields[field]}`,
      `\`${field}\``,
      path,
      'Filter by the field itself, or declare it as json.',
    );
  }
  return target(field, keys, fields);
}

function target(field: string, keys: string[], fields: FieldTypes): Target {
  const type = (Object.hasOwn(fields, field) ? fields[field] : undefined) ?? 'json';
  return Object.freeze({ field, keys: Object.freeze(keys), type });
}
