import type { FastifyInstance } from 'fastify';
import { errorAnswer } from '../errors/error-answer.js';
import { ServerError } from '../errors/server-error.js';
import type { AppOptions } from '../options.js';
import { answer } from '../wire/answer.js';

/** Answers every error as `{ error: { code, message, details } }` with the status of its code. */
export function mapErrors(app: FastifyInstance, { onServerError }: AppOptions): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = errorAnswer(error);
    if (status >= 500) onServerError?.(error, { method: request.method, url: request.url });
    return answer(reply, status, body);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0].slice(0, 200);
    const missing = new ServerError('ROUTE_NOT_FOUND', `There is no route ${request.method} ${path}`);
    const { status, body } = errorAnswer(missing);
    return answer(reply, status, body);
  });
}
