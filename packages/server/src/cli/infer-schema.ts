import { isPlainObject } from '@nearfield/engine/encoder';
import type { FieldInput, SchemaInput, VectorInput } from '@nearfield/engine';
import { parseDatetime } from '@nearfield/engine/internals/filter/parse-datetime';
import { guessedCells } from './sources/cells.js';
import type { MediaKind } from './sources/media-kind.js';
import { DOCUMENT_FIELDS } from './sources/read-document.js';
import type { SourceRecord } from './sources/source-item.js';

/** Names that the engine allows for a field and does not use itself. */
const FIELD_NAME = /^(?!(?:id|vectors|__proto__|constructor|prototype)$)[\p{L}_][\p{L}\p{N}_-]{0,127}$/u;
/** Fields that hold text by their names, however short their values. */
const TEXT_NAME =
  /^(?:title|name|headline|subject|text|body|content|description|summary|abstract|plot|question|answer|gloss)$/i;
const PLACE_NAME = /^(?:place|location|geo|geopoint|point|position|coordinates|lonlat)$/i;
/** Words that a value of a text field has on average, and the share of its values that are distinct, both at least. */
const TEXT_WORDS = 3;
const TEXT_DISTINCT = 0.5;

/** The vector that images or sounds get, each in a field named after its kind. */
const MEDIA_VECTORS: Readonly<Record<MediaKind, { readonly name: string; readonly encoder: string }>> = {
  image: { name: 'look', encoder: 'image:mobilenet-v2' },
  audio: { name: 'sound', encoder: 'audio:speech' },
};

/**
 * A schema for records of unknown shape, from a sample: each field gets the type that all its values have, 'json' when
 * they differ, and all texts together get the vectors `meaning` and `words`. Keys that cannot name a field stay
 * undeclared. Kinds of media that are to come, in the sample or after it, get a field and a vector each.
 */
export function inferSchema(sample: readonly SourceRecord[], media: ReadonlySet<MediaKind> = new Set()): SchemaInput {
  const values = new Map<string, unknown[]>();
  const data = sample.filter(({ from }) => from === 'data');
  const tables = data.filter(({ isUntyped }) => isUntyped === true).map(({ record }) => record);
  const typed = data.filter(({ isUntyped }) => isUntyped !== true).map(({ record }) => record);
  for (const record of [...typed, ...guessedCells(tables)]) {
    for (const [name, value] of Object.entries(record)) {
      if (value === null || !FIELD_NAME.test(name)) continue;
      const known = values.get(name);
      if (known === undefined) values.set(name, [value]);
      else known.push(value);
    }
  }
  const fields: Record<string, FieldInput> = {};
  for (const [name, list] of values) fields[name] = inferType(name, list);
  if (data.length < sample.length || media.size > 0) {
    for (const [name, type] of Object.entries(DOCUMENT_FIELDS))
      fields[name] = (fields[name] ?? type) === type ? type : 'json';
  }
  const texts = Object.keys(fields).filter((name) => fields[name] === 'text');
  const vectors: Record<string, VectorInput> = givenVectors(data);
  if (texts.length > 0) {
    vectors.meaning = { from: texts, encoder: 'text:use-lite' };
    vectors.words = { from: texts, encoder: 'bow:english' };
  }
  for (const kind of media) {
    fields[kind] = kind;
    const { name, encoder } = MEDIA_VECTORS[kind];
    vectors[name] = { from: [kind], encoder };
  }
  return { fields, vectors };
}

function inferType(name: string, values: readonly unknown[]): FieldInput {
  if (values.every((value) => typeof value === 'boolean')) return 'boolean';
  if (values.every(Number.isSafeInteger)) return 'integer';
  if (values.every((value) => typeof value === 'number')) return 'float';
  if (values.every((value) => typeof value === 'string')) return inferStringType(name, values as string[]);
  if (PLACE_NAME.test(name) && values.every(isPoint)) return 'geo';
  if (values.every(isListOfStrings)) return 'keyword[]';
  return 'json';
}

function inferStringType(name: string, values: readonly string[]): FieldInput {
  if (values.every((value) => parseDatetime(value) !== undefined)) return 'datetime';
  if (TEXT_NAME.test(name)) return 'text';
  const words = values.reduce((sum, value) => sum + value.trim().split(/\s+/).length, 0) / values.length;
  const distinct = new Set(values).size / values.length;
  return words >= TEXT_WORDS && distinct >= TEXT_DISTINCT ? 'text' : 'keyword';
}

/** Vectors that the records bring, one each or a list of several, of the dimensions of the first. */
function givenVectors(sample: readonly SourceRecord[]): Record<string, VectorInput> {
  const vectors: Record<string, VectorInput> = {};
  for (const { record } of sample) {
    if (!isPlainObject(record.vectors)) continue;
    for (const [name, vector] of Object.entries(record.vectors)) {
      const first: unknown = Array.isArray(vector) && Array.isArray(vector[0]) ? vector[0] : vector;
      if (FIELD_NAME.test(name) && Array.isArray(first) && first.length > 0)
        vectors[name] ??= { dimensions: first.length };
    }
  }
  return vectors;
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}

/** [longitude, latitude] */
function isPoint(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [longitude, latitude] = value as unknown[];
  return within(longitude, 180) && within(latitude, 90);
}

function within(value: unknown, bound: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= bound;
}
