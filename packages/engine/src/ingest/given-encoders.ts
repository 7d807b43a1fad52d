import type { Encoder } from '../encoder/encoder.js';
import type { SchemaInput } from '../schema/index.js';

/** Encoders that a schema brings as objects: by vector, then by field. */
export type GivenEncoders = ReadonlyMap<string, ReadonlyMap<string, Encoder>>;

/** @param schema one that was parsed without an error */
export function givenEncoders(schema: SchemaInput | undefined): GivenEncoders {
  const given = new Map<string, Map<string, Encoder>>();
  for (const [name, vector] of Object.entries(schema?.vectors ?? {})) {
    if (!('encoder' in vector) || typeof vector.encoder === 'string') continue;
    const isOne = typeof (vector.encoder as Partial<Encoder>).identity?.name === 'string';
    const byField = new Map<string, Encoder>();
    for (const field of vector.from) {
      const encoder = isOne ? vector.encoder : (vector.encoder as Record<string, unknown>)[field];
      if (typeof encoder === 'object') byField.set(field, encoder as Encoder);
    }
    if (byField.size > 0) given.set(name, byField);
  }
  return given;
}
