import type { FastifyReply } from 'fastify';
import { answerFormat } from './answer-format.js';
import { MESSAGE_PACK, packBody } from './message-pack.js';
import { outgoing } from './outgoing.js';

/** Sends a value in the format that the request asks for. */
export function answer(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  const { accept, 'content-type': contentType } = reply.request.headers;
  const format = answerFormat(accept, contentType);
  const body = outgoing(value, format);
  reply.code(status).header('vary', 'accept');
  return format === 'msgpack'
    ? reply.type(MESSAGE_PACK).send(packBody(body))
    : reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}
