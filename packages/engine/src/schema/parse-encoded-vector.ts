import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '../errors/index.js';
import { BM25_DEFAULTS } from './bm25-defaults.js';
import { invalid, oneOf, parseHnsw, parseQuantization } from './parse-vector-options.js';
import { isPlainObject } from './plain-object.js';
import {
  COMBINATIONS,
  TEXT_TYPES,
  type Combination,
  type EncodedVector,
  type EncodedVectorOptions,
  type Field,
  type NamedEncoder,
} from './schema.js';

type Fields = Readonly<Record<string, Field>>;
type Names = string | Readonly<Record<string, string>>;

const OPTIONS = ['from', 'encoder', 'combine', 'weights', 'passages', 'quantization', 'hnsw', 'bm25'];

/** A vector that one or several encoders make. Throws INVALID_SCHEMA or UNKNOWN_OPTION. */
export function parseEncodedVector(name: string, input: EncodedVectorOptions, fields: Fields): EncodedVector {
  refuseUnknownKeys(input, OPTIONS, `vector \`${name}\``);
  const from = parseFrom(name, input.from, fields);
  const encoder = parseEncoder(name, input.encoder, from);
  const allText = from.every((field) => TEXT_TYPES.includes(fields[field].type));
  const combine = parseCombine(name, input, { from, encoder, allText });
  return {
    kind: 'encoded',
    from,
    encoder,
    combine,
    weights: parseWeights(name, input.weights, combine, from),
    passages: parsePassages(name, input.passages, combine === 'join' && allText),
    quantization: parseQuantization(name, input),
    hnsw: parseHnsw(name, input),
    bm25: parseBm25(name, input.bm25),
  };
}

function parseFrom(name: string, from: unknown, fields: Fields): readonly string[] {
  if (!Array.isArray(from) || from.length === 0) {
    throw invalid(`\`from\` of vector \`${name}\` is a list of fields`, name, from);
  }
  for (const field of from as unknown[]) {
    if (typeof field === 'string' && Object.hasOwn(fields, field)) continue;
    throw new NearfieldError(
      'INVALID_SCHEMA',
      `Vector \`${name}\` is made from a field that the schema does not name`,
      {
        field: name,
        received: describe(field),
        remedy: suggestion(String(field), Object.keys(fields)),
      },
    );
  }
  if (new Set(from).size < from.length) {
    throw invalid(`\`from\` of vector \`${name}\` names each field once`, name, from);
  }
  return [...(from as string[])];
}

/** The name of the encoder of all fields, or those of each field's. */
function parseEncoder(name: string, input: unknown, from: readonly string[]): Names {
  const one = nameOf(input);
  if (one !== undefined) return one;
  if (!isPlainObject(input)) {
    throw invalid(
      `\`encoder\` of vector \`${name}\` is a name, an Encoder, or one of them for each field`,
      name,
      input,
    );
  }
  refuseUnknownKeys(input, from, `encoder of vector \`${name}\``);
  const names: Record<string, string> = {};
  for (const field of from) {
    const encoder = Object.hasOwn(input, field) ? nameOf(input[field]) : undefined;
    if (encoder === undefined) {
      throw invalid(`\`encoder\` of vector \`${name}\` has no encoder for field \`${field}\``, name, input[field]);
    }
    names[field] = encoder;
  }
  return names;
}

/** The registered name, or that of an encoder given as an object; undefined for what is neither. */
function nameOf(encoder: unknown): string | undefined {
  const name = typeof encoder === 'string' ? encoder : (encoder as Partial<NamedEncoder> | undefined)?.identity?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function parseCombine(
  name: string,
  { combine, weights }: EncodedVectorOptions,
  { from, encoder, allText }: { from: readonly string[]; encoder: Names; allText: boolean },
): Combination {
  const joined = from.length === 1 || (allText && typeof encoder === 'string');
  const weighted = isPlainObject(weights) && Object.keys(weights).length > 0;
  if (combine === undefined) return joined && !weighted ? 'join' : 'mean';
  oneOf(combine, COMBINATIONS, `combine of vector \`${name}\``, name);
  if (combine === 'join' && !joined) {
    throw invalid(`\`combine: 'join'\` of vector \`${name}\` takes texts and one encoder`, name, from);
  }
  return combine;
}

function parseWeights(
  name: string,
  input: unknown = {},
  combine: Combination,
  from: readonly string[],
): Readonly<Record<string, number>> {
  if (!isPlainObject(input)) throw invalid(`\`weights\` of vector \`${name}\` is an object`, name, input);
  refuseUnknownKeys(input, from, `weights of vector \`${name}\``);
  const weights: Record<string, number> = {};
  if (combine === 'join' || combine === 'product') {
    if (Object.keys(input).length === 0) return weights;
    throw invalid(`Vector \`${name}\` has \`weights\`, which \`combine: '${combine}'\` does not take`, name, input);
  }
  for (const field of from) {
    const weight = (Object.hasOwn(input, field) ? input[field] : undefined) ?? 1;
    if (!(typeof weight === 'number' && weight > 0 && weight <= MAX_WEIGHT)) {
      throw invalid(`\`weights.${field}\` of vector \`${name}\` is a number above 0, at most 1e6`, name, weight);
    }
    weights[field] = weight;
  }
  return weights;
}

/** Far from what would take a component out of the range of a vector. */
const MAX_WEIGHT = 1e6;

function parsePassages(name: string, input: unknown, possible: boolean): boolean {
  if (input === undefined) return possible;
  if (typeof input !== 'boolean') throw invalid(`\`passages\` of vector \`${name}\` is true or false`, name, input);
  if (input && !possible) throw invalid(`\`passages\` of vector \`${name}\` is for texts alone, joined`, name, input);
  return input;
}

function parseBm25(name: string, input: unknown = {}): { k1: number; b: number } {
  if (!isPlainObject(input)) throw invalid(`\`bm25\` of vector \`${name}\` is an object`, name, input);
  refuseUnknownKeys(input, ['k1', 'b'], `bm25 of vector \`${name}\``);
  const { k1, b } = { ...BM25_DEFAULTS, ...input } as { k1: number; b: number };
  if (!(Number.isFinite(k1) && k1 >= 0)) throw invalid(`\`k1\` of vector \`${name}\` is at least 0`, name, k1);
  if (!(b >= 0 && b <= 1)) throw invalid(`\`b\` of vector \`${name}\` is from 0 to 1`, name, b);
  return { k1, b };
}
