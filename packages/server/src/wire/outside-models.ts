import type { CollectionSchema, SchemaInput } from '@nearfield/engine';
import { isPlainObject } from '@nearfield/engine/encoder';
import { ServerError } from '../errors/server-error.js';

/**
 * Throws MODEL_REFUSED for a schema that names a model of the hub, of a folder or of a service, unless the stored schema
 * of the collection names it too.
 */
export async function refuseOutsideModels(given: SchemaInput, stored: CollectionSchema | undefined): Promise<void> {
  const known = encoderNames(stored).map(({ encoder }) => encoder);
  const unknown = encoderNames(given).filter(({ encoder }) => !known.includes(encoder));
  if (unknown.length === 0) return;
  // Loaded here, as the engine does: a server of vectors that clients bring needs no encoders.
  const { namesOutsideModel } = await import('@nearfield/encoders');
  const refused = unknown.find(({ encoder }) => namesOutsideModel(encoder));
  if (refused === undefined) return;
  const remedy = 'Name an encoder that Nearfield brings, or start the server with models allowed.';
  const { vector, encoder } = refused;
  throw new ServerError('MODEL_REFUSED', `Vector \`${vector}\` names the model ${encoder}. ${remedy}`, {
    field: vector,
    received: encoder,
    remedy,
  });
}

/** The names of encoders in a schema that nobody has checked yet. */
function encoderNames(schema: unknown): { readonly vector: string; readonly encoder: string }[] {
  if (!isPlainObject(schema) || !isPlainObject(schema.vectors)) return [];
  return Object.entries(schema.vectors).flatMap(([vector, space]) => {
    const encoder: unknown = isPlainObject(space) ? space.encoder : undefined;
    const names = isPlainObject(encoder) ? Object.values(encoder) : [encoder];
    return names.flatMap((name) => (typeof name === 'string' ? [{ vector, encoder: name }] : []));
  });
}
