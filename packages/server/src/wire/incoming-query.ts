import { isPlainObject } from '@nearfield/engine/encoder';
import { NearfieldError, type Query } from '@nearfield/engine';
import { incomingMedia } from './incoming-media.js';
import { incomingVector } from './incoming-vector.js';

/**
 * A query as the engine takes it: the vectors of its legs as Float32Arrays, images and sounds as bytes. The engine
 * checks the rest.
 */
export function incomingQuery(body: unknown, allowLocalPaths: boolean): Query {
  if (!isPlainObject(body)) return body as Query;
  if (Object.hasOwn(body, 'signal')) {
    throw new NearfieldError('UNKNOWN_OPTION', 'Unknown option `signal` in the query', {
      field: 'signal',
      remedy: 'Close the connection to abort a search.',
    });
  }
  const { near } = body;
  if (near === undefined) return body;
  const legs: unknown = Array.isArray(near)
    ? near.map((leg: unknown) => incomingLeg(leg, allowLocalPaths))
    : incomingLeg(near, allowLocalPaths);
  return { ...body, near: legs as Query['near'] };
}

function incomingLeg(leg: unknown, allowLocalPaths: boolean): unknown {
  if (!isPlainObject(leg)) return leg;
  const changed: Record<string, unknown> = { ...leg };
  if (leg.value !== undefined) {
    changed.value = incomingVector(leg.value, `The value of the leg on \`${String(leg.vector)}\``, { field: 'near' });
  }
  for (const kind of ['image', 'audio']) {
    if (leg[kind] !== undefined) changed[kind] = incomingMedia(leg[kind], `\`near.${kind}\``, 'near', allowLocalPaths);
  }
  return changed;
}
