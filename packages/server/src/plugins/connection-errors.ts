import type { FastifyServerOptions } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { errorAnswer } from '../errors/error-answer.js';
import type { ServerErrorCode } from '../errors/server-codes.js';
import { ServerError } from '../errors/server-error.js';

const MESSAGES = {
  REQUEST_TIMEOUT: 'The request took too long to arrive',
  HEADERS_TOO_LARGE: 'The headers are too large',
  MALFORMED_REQUEST: 'The request is not HTTP/1.1',
} as const satisfies Partial<Record<ServerErrorCode, string>>;

const NODE_CODES: Readonly<Record<string, keyof typeof MESSAGES>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
};

/** Answers, in the shape of all errors, what Node's HTTP parser refuses before there is a request to route. */
export const answerConnectionError: NonNullable<FastifyServerOptions['clientErrorHandler']> = (error, socket) => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const code = NODE_CODES[error.code] ?? 'MALFORMED_REQUEST';
  const { status, body } = errorAnswer(new ServerError(code, MESSAGES[code]));
  const json = JSON.stringify(body);
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Length: ${Buffer.byteLength(json)}\r\n` +
        `Content-Type: application/json; charset=utf-8\r\nConnection: close\r\n\r\n${json}`,
    );
  }
  socket.destroySoon();
};
