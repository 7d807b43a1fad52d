import { NearfieldError, type CollectionSchema, type SchemaInput } from '@nearfield/engine';
import { describe, isPlainObject } from '@nearfield/engine/encoder';

/** A schema from the wire. Encoders come by name only: an object cannot carry code. The engine checks the rest. */
export function incomingSchema(body: unknown): SchemaInput {
  if (isPlainObject(body) && isPlainObject(body.vectors)) {
    for (const [name, vector] of Object.entries(body.vectors)) {
      if (!isPlainObject(vector) || vector.encoder === undefined || namesEncoders(vector.encoder)) continue;
      throw new NearfieldError('INVALID_SCHEMA', `\`encoder\` of vector \`${name}\` is not a name`, {
        field: name,
        expected: "a name such as 'text:use-lite', or one for each field",
        received: describe(vector.encoder),
      });
    }
  }
  return body as SchemaInput;
}

function namesEncoders(encoder: unknown): boolean {
  if (typeof encoder === 'string') return true;
  return isPlainObject(encoder) && Object.values(encoder).every((name) => typeof name === 'string');
}

/** A stored schema as a client may send it again: every default spelled out, and nothing that input does not have. */
export function outgoingSchema({ fields, vectors, strict }: CollectionSchema): SchemaInput {
  const spaces = Object.entries(vectors).map(([name, { kind: _kind, ...options }]) => [name, options] as const);
  return { fields, vectors: Object.fromEntries(spaces), strict };
}
