import type { FastifyInstance } from 'fastify';
import { MESSAGE_PACK_TYPES, unpackBody } from '../wire/message-pack.js';

/** Reads MessagePack bodies beside JSON ones; anything else is UNSUPPORTED_MEDIA_TYPE. */
export function readMessagePack(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser([...MESSAGE_PACK_TYPES], { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    unpackBody(body),
  );
}
