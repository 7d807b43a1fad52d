/**
 * Error codes that the server adds to the engine's, with their HTTP statuses: what goes wrong before a request reaches
 * the engine, and what is nobody's business outside.
 */
export const SERVER_ERROR_STATUS = {
  /** The request line, the headers or the URL cannot be understood. */
  MALFORMED_REQUEST: 400,
  /** The body is not the JSON or MessagePack that it claims to be. */
  MALFORMED_BODY: 400,
  /** The body, a parameter or the query string has the wrong shape. */
  INVALID_REQUEST: 400,
  /** The API key is missing or wrong. */
  UNAUTHORIZED: 401,
  /** An image or a sound was given as a path of the server's disk. */
  LOCAL_PATH_REFUSED: 403,
  /** A schema names an encoder of a model that this server may not fetch or ask. */
  MODEL_REFUSED: 403,
  /** No route has this method and URL. */
  ROUTE_NOT_FOUND: 404,
  /** The client took too long to send its request. */
  REQUEST_TIMEOUT: 408,
  /** The body is longer than the server's limit. */
  BODY_TOO_LARGE: 413,
  /** The body is neither JSON nor MessagePack. */
  UNSUPPORTED_MEDIA_TYPE: 415,
  /** The Host header names a host that this server does not answer for. */
  HOST_REFUSED: 421,
  HEADERS_TOO_LARGE: 431,
  /** A defect of the server; its log has the cause. */
  INTERNAL: 500,
  /** The server is closing. */
  SHUTTING_DOWN: 503,
} as const satisfies Record<string, number>;

export type ServerErrorCode = keyof typeof SERVER_ERROR_STATUS;
