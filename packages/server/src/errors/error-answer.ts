import { ERROR_CODES, NearfieldError } from '@nearfield/engine';
import { ENGINE_ERROR_STATUS } from './engine-status.js';
import { SERVER_ERROR_STATUS, type ServerErrorCode } from './server-codes.js';
import { ServerError } from './server-error.js';

/** The body of every answer that is not a success. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
}

/** Fastify's errors by its codes; the others are told apart by their status. */
const FASTIFY_CODES: Readonly<Record<string, ServerErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_BODY',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_BODY',
  FST_ERR_VALIDATION: 'INVALID_REQUEST',
};

/**
 * What the client is told of an error. What is the server's fault is told by its code alone: its message may name
 * paths.
 */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ServerError) return serverAnswer(error.code, error.message, error.details);
  if (error instanceof NearfieldError) return engineAnswer(error);
  const { statusCode, code, message } = (error ?? {}) as { statusCode?: unknown; code?: unknown; message?: unknown };
  const known = typeof code === 'string' ? FASTIFY_CODES[code] : undefined;
  if (known === 'UNSUPPORTED_MEDIA_TYPE') {
    const remedy = 'Send the header Content-Type: application/json, or application/msgpack.';
    return serverAnswer(known, `The body is neither JSON nor MessagePack. ${remedy}`, { remedy });
  }
  if (known !== undefined) return serverAnswer(known, String(message), validationDetails(error));
  // JSON that would set a prototype is refused by the parser with a plain SyntaxError.
  if (error instanceof SyntaxError && statusCode === 400) return serverAnswer('MALFORMED_BODY', error.message);
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return serverAnswer('MALFORMED_REQUEST', String(message));
  }
  return serverAnswer('INTERNAL', 'The server failed; its log has the cause.');
}

/** What a JSON Schema found wrong: the name of the parameter, or the values that it may have. */
function validationDetails(error: unknown): Readonly<Record<string, unknown>> {
  const { validation } = error as { validation?: readonly { readonly params: Record<string, unknown> }[] };
  return validation?.[0]?.params ?? {};
}

function engineAnswer(error: NearfieldError): ErrorAnswer {
  const { code, message, details } = error;
  const status = ENGINE_ERROR_STATUS[code];
  if (status < 500) return { status, body: { error: { code, message, details } } };
  const { remedy } = ERROR_CODES[code];
  return {
    status,
    body: {
      error: { code, message: `The server failed with ${code}; its log has the cause. ${remedy}`, details: { remedy } },
    },
  };
}

function serverAnswer(
  code: ServerErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): ErrorAnswer {
  return { status: SERVER_ERROR_STATUS[code], body: { error: { code, message, details } } };
}
