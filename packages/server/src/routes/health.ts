import type { FastifyInstance } from 'fastify';
import { answer } from '../wire/answer.js';
import type { RouteContext } from './context.js';

/**
 * `/healthz`: the process answers. `/readyz`: the database does too; 503 when it does not. Neither asks for the API
 * key.
 */
export function healthRoutes(app: FastifyInstance, { db }: RouteContext): void {
  app.get('/healthz', (_request, reply) => answer(reply, 200, { status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    await db.collections();
    return answer(reply, 200, { status: 'ready' });
  });
}
