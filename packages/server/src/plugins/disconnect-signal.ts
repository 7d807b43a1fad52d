import type { FastifyReply } from 'fastify';

/** A signal that fires when the client goes away before it has its answer, so that nothing is computed for nobody. */
export function disconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  // The response closes once, early or not; the request closes as soon as its body was read.
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Error('The client closed the connection'));
  });
  return controller.signal;
}
