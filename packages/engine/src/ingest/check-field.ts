import { fileURLToPath } from 'node:url';
import { NearfieldError, describe, type ErrorDetails } from '../errors/index.js';
import { isPoint } from '../filter/geo-point.js';
import { parseDatetime } from '../filter/parse-datetime.js';
import type { FieldType } from '../schema/index.js';
import { checkText } from './check-text.js';
import { checkedJson } from './check-json.js';
import { MAX_MEDIA_BYTES } from './limits.js';

/** The value of a field as stored; throws an error that names the record and the field unless it is of the type. */
export function checkedField(name: string, type: FieldType, value: unknown, at: ErrorDetails): unknown {
  const what = `Field \`${name}\` of record ${JSON.stringify(at.record)}`;
  const where = { ...at, field: name };
  const refuse = (expected: string): never => {
    throw new NearfieldError('INVALID_FIELD', `${what} is not of type ${type}`, {
      ...where,
      expected,
      received: describe(value),
    });
  };
  switch (type) {
    case 'text':
    case 'keyword':
      checkText(value, what, where);
      return value;
    case 'keyword[]':
      if (!Array.isArray(value)) return refuse('an array of strings');
      for (const [i, keyword] of value.entries()) checkText(keyword, `${what}[${i}]`, where);
      return [...(value as string[])];
    case 'integer':
      return Number.isSafeInteger(value) ? (value as number) + 0 : refuse('a safe integer');
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? value : refuse('a finite number');
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse('true or false');
    case 'datetime':
      return (
        checkedDate(value) ??
        refuse('a Date, or an ISO 8601 text that is a date alone or has a zone, such as 1994-10-14T20:00Z')
      );
    case 'geo':
      return isPoint(value) ? [value[0], value[1]] : refuse('[longitude, latitude] within [-180, 180] and [-90, 90]');
    case 'image':
    case 'audio':
      return checkedMedia(value) ?? refuse(`a path, a file: URL, or at most ${MAX_MEDIA_BYTES} bytes in a Uint8Array`);
    case 'json':
      return checkedJson(value, what, where);
    default:
      return type satisfies never;
  }
}

function checkedDate(value: unknown): Date | undefined {
  const milliseconds =
    value instanceof Date ? value.getTime() : typeof value === 'string' ? parseDatetime(value) : undefined;
  return milliseconds === undefined || Number.isNaN(milliseconds) ? undefined : new Date(milliseconds);
}

function checkedMedia(value: unknown): string | Uint8Array | undefined {
  if (value instanceof Uint8Array) {
    return value.byteLength > 0 && value.byteLength <= MAX_MEDIA_BYTES ? value : undefined;
  }
  if (value instanceof URL) return pathOf(value);
  if (typeof value !== 'string' || value === '' || !value.isWellFormed() || value.includes('\0')) return undefined;
  return value.startsWith('file:') ? pathOf(value) : value;
}

/** The path that a `file:` URL means on this machine, or undefined. */
function pathOf(url: URL | string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
