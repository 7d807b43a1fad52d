import type { FastifyInstance } from 'fastify';
import { ServerError } from '../errors/server-error.js';

/**
 * Makes `close` finish the requests in progress, refuse new ones (SHUTTING_DOWN), and end there: of itself it would
 * wait for every client to let go of its connection, which those that keep them open for later do after a minute.
 */
export function closeGracefully(app: FastifyInstance): void {
  let closing = false;
  let running = 0;
  const closeConnections = () => {
    if (closing && running === 0) app.server.closeAllConnections();
  };
  app.addHook('onRequest', async (_request, reply) => {
    running++;
    reply.raw.once('close', () => {
      running--;
      closeConnections();
    });
    if (closing) throw new ServerError('SHUTTING_DOWN', 'The server is closing', { remedy: 'Repeat it later.' });
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    closing = true;
    // By then the server has stopped to accept.
    setImmediate(closeConnections);
  });
}
