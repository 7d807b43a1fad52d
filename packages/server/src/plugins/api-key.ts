import type { FastifyInstance } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { ServerError } from '../errors/server-error.js';

/** Routes that a load balancer asks without a key; they tell nothing of the data. */
const OPEN_ROUTES: readonly (string | undefined)[] = ['/healthz', '/readyz'];

/**
 * Refuses requests without `Authorization: Bearer <apiKey>` (RFC 6750) with UNAUTHORIZED, before their body is read.
 */
export function requireApiKey(app: FastifyInstance, apiKey: string): void {
  // Digests are of one length, so that the time of the comparison tells nothing of the key, not even its length.
  const expected = digest(apiKey);
  app.addHook('onRequest', async (request, reply) => {
    if (OPEN_ROUTES.includes(request.routeOptions.url)) return;
    const [, token] = /^bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token !== undefined && timingSafeEqual(digest(token.trim()), expected)) return;
    reply.header('www-authenticate', 'Bearer');
    throw new ServerError('UNAUTHORIZED', `The API key is ${token === undefined ? 'missing' : 'wrong'}`, {
      remedy: 'Send the header Authorization: Bearer <key>.',
    });
  });
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
