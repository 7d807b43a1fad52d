import type { FastifyInstance } from 'fastify';
import { ServerError } from '../errors/server-error.js';

/**
 * Refuses requests that are addressed to another host (HOST_REFUSED): a page may have pointed its own name at this
 * machine.
 */
export function allowHosts(app: FastifyInstance, hosts: readonly string[]): void {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  app.addHook('onRequest', async (request) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    if (allowed.has(host)) return;
    throw new ServerError('HOST_REFUSED', 'This server does not answer for that host', {
      remedy: `Use ${hosts.join(' or ')}.`,
    });
  });
}
