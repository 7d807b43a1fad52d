import type { Database } from '@nearfield/engine';
import fastify, { type FastifyInstance } from 'fastify';
import { errorAnswer } from './errors/error-answer.js';
import { resolveOptions, type AppOptions } from './options.js';
import { allowHosts } from './plugins/allowed-hosts.js';
import { requireApiKey } from './plugins/api-key.js';
import { answerConnectionError } from './plugins/connection-errors.js';
import { mapErrors } from './plugins/error-mapping.js';
import { closeGracefully } from './plugins/graceful-close.js';
import { readMessagePack } from './plugins/message-pack-bodies.js';
import { collectionRoutes } from './routes/collections.js';
import { healthRoutes } from './routes/health.js';
import { recordRoutes } from './routes/records.js';
import { searchRoutes } from './routes/searches.js';
import { answer } from './wire/answer.js';

/** Longest id in a path, in characters: an id of 512 UTF-16 units, each up to nine when percent-encoded. */
const MAX_PARAMETER_LENGTH = 512 * 9;

/**
 * The HTTP interface of an open database, as a Fastify app that is not listening yet. Bodies and answers are JSON or
 * MessagePack by Content-Type and Accept; see `outgoing` for how each writes vectors, bytes and dates. The app does not
 * close the database: close the app first, then the database.
 *
 * Throws UNKNOWN_OPTION, INVALID_ARGUMENT.
 */
export function createApp(db: Database, options: AppOptions = {}): FastifyInstance {
  const resolved = resolveOptions(options);
  const app = fastify({
    bodyLimit: resolved.bodyLimit,
    // closeGracefully answers in the shape of all errors.
    return503OnClosing: false,
    clientErrorHandler: answerConnectionError,
    frameworkErrors: (error, _request, reply) => {
      const { status, body } = errorAnswer(error);
      return answer(reply, status, body);
    },
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // What a client sends is checked as it is, never bent into shape.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });
  mapErrors(app, resolved);
  closeGracefully(app);
  if (resolved.allowedHosts !== undefined) allowHosts(app, resolved.allowedHosts);
  if (resolved.apiKey !== undefined) requireApiKey(app, resolved.apiKey);
  readMessagePack(app);
  const context = { db, options: resolved };
  healthRoutes(app, context);
  collectionRoutes(app, context);
  recordRoutes(app, context);
  searchRoutes(app, context);
  return app;
}
