import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '../errors/index.js';
import { isPlainObject } from './plain-object.js';
import { QUANTIZATIONS, type HnswOptions, type Quantization } from './schema.js';

export function parseQuantization(name: string, input: { quantization?: Quantization }): Quantization {
  const { quantization = 'none' } = input;
  oneOf(quantization, QUANTIZATIONS, `quantization of vector \`${name}\``, name);
  return quantization;
}

export function parseHnsw(name: string, input: { hnsw?: HnswOptions }): Required<HnswOptions> {
  const { hnsw = {} } = input;
  if (!isPlainObject(hnsw)) throw invalid(`\`hnsw\` of vector \`${name}\` is an object`, name, hnsw);
  refuseUnknownKeys(hnsw, ['m', 'efConstruction'], `hnsw of vector \`${name}\``);
  const { m = 16, efConstruction = Math.max(200, m) } = hnsw as HnswOptions;
  if (!Number.isInteger(m) || m < 2 || m > 128) throw invalid(`\`m\` of vector \`${name}\` is from 2 to 128`, name, m);
  if (!Number.isInteger(efConstruction) || efConstruction < m || efConstruction > 10_000) {
    throw invalid(`\`efConstruction\` of vector \`${name}\` is from m to 10 000`, name, efConstruction);
  }
  return { m, efConstruction };
}

export function oneOf(value: unknown, known: readonly string[], what: string, field: string): void {
  if (typeof value === 'string' && known.includes(value)) return;
  throw new NearfieldError('INVALID_SCHEMA', `Unknown ${what}`, {
    field,
    received: describe(value),
    remedy: suggestion(String(value), known),
  });
}

export function invalid(what: string, field: string | undefined, received: unknown): NearfieldError {
  return new NearfieldError('INVALID_SCHEMA', what, { field, received: describe(received) });
}
